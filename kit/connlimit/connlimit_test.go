package connlimit_test

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"example.com/plinth/kit/connlimit"
)

// New and kept-alive connections are idle; the least recently used one is replaced.
func TestNewConnectionsReplaceIdleOnes(t *testing.T) {
	t.Parallel()
	s := newServer(t, 3)
	silent := s.dial(t)
	first, second := s.dial(t), s.dial(t)
	first.ask(t)
	second.ask(t)

	fourth := s.dial(t)
	fourth.ask(t)
	silent.awaitEnd(t)
	first.ask(t) // now second has been idle longest
	fifth := s.dial(t)
	fifth.ask(t)
	second.awaitEnd(t)
	first.ask(t)
	fourth.ask(t)
}

// Requests in flight are not aborted; a new connection is accepted when one ends.
func TestNewConnectionsWaitWhileNoneIsIdle(t *testing.T) {
	t.Parallel()
	s := newServer(t, 2)
	busy := []client{s.dial(t), s.dial(t)}
	for _, c := range busy {
		c.send(t, "/wait")
		<-s.waiting
	}
	waits := s.dial(t)
	waits.send(t, "/")
	s.release <- struct{}{} // makes one of them idle
	waits.read(t)
	s.release <- struct{}{}
	_ = s.Listener.Close() // ends the wait for room, for which Close would wait
}

// A connection that waits for room does not delay Close.
func TestFullListenerCloses(t *testing.T) {
	t.Parallel()
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	l := connlimit.New(1).Listen(inner)
	dial := func() {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String())
		must(t, err)
		t.Cleanup(func() { _ = c.Close() })
	}
	dial()
	kept, err := l.Accept()
	must(t, err)
	dial()
	failed := make(chan error)
	go func() {
		_, err := l.Accept()
		failed <- err
	}()
	must(t, l.Close())
	if err := <-failed; err == nil {
		t.Error("a connection is accepted beyond the limit")
	}
	must(t, kept.Close())
}

type server struct {
	*httptest.Server

	waiting, release chan struct{}
	idle             chan struct{} // receives for each connection that becomes idle after a request
}

func newServer(t *testing.T, bound int) *server {
	t.Helper()
	s := &server{waiting: make(chan struct{}), release: make(chan struct{}), idle: make(chan struct{}, 100)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			s.waiting <- struct{}{}
			<-s.release
		}
	}))
	limit := connlimit.New(bound)
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		limit.ConnState(c, state)
		if state == http.StateIdle {
			s.idle <- struct{}{}
		}
	}
	s.Listener = limit.Listen(s.Listener)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

type client struct {
	net.Conn

	server    *server
	responses *bufio.Reader
}

func (s *server) dial(t *testing.T) client {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	must(t, err)
	must(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	t.Cleanup(func() { _ = c.Close() })
	return client{c, s, bufio.NewReader(c)}
}

func (c client) send(t *testing.T, path string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+path, http.NoBody)
	must(t, err)
	must(t, r.Write(c))
}

func (c client) read(t *testing.T) {
	t.Helper()
	response, err := http.ReadResponse(c.responses, nil)
	must(t, err)
	must(t, response.Body.Close())
}

func (c client) ask(t *testing.T) {
	t.Helper()
	c.send(t, "/")
	c.read(t)
	<-c.server.idle
}

// awaitEnd waits until the server closes the connection.
func (c client) awaitEnd(t *testing.T) {
	t.Helper()
	if _, err := c.responses.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is still open: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
