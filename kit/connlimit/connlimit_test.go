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

// TestNewConnectionsTakeThePlaceOfIdleOnes shows that neither connections that never sent anything nor those that were kept
// open keep others out, and that the one that was used last stays.
func TestNewConnectionsTakeThePlaceOfIdleOnes(t *testing.T) {
	t.Parallel()
	const most = 3
	s := newServer(t, most)
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

// TestNewConnectionsWaitWhileNoneIsIdle shows that requests in flight are not cut off, and that the end of one lets a new
// connection in.
func TestNewConnectionsWaitWhileNoneIsIdle(t *testing.T) {
	t.Parallel()
	const most = 2
	s := newServer(t, most)
	busy := []client{s.dial(t), s.dial(t)}
	for _, c := range busy {
		c.send(t, "/wait")
		<-s.waiting
	}
	waits := s.dial(t)
	waits.send(t, "/")
	s.release <- struct{}{} // one of both is idle from now on
	waits.read(t)
	s.release <- struct{}{}
	_ = s.Listener.Close() // what waits for room has to give up, or Close waits for it
}

// TestAFullListenerCanBeClosed shows that a connection that waits for room does not hold up the end of the server.
func TestAFullListenerCanBeClosed(t *testing.T) {
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
	idle             chan struct{} // a connection has become idle after a request
}

func newServer(t *testing.T, most int) *server {
	t.Helper()
	s := &server{waiting: make(chan struct{}), release: make(chan struct{}), idle: make(chan struct{}, 100)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			s.waiting <- struct{}{}
			<-s.release
		}
	}))
	limit := connlimit.New(most)
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

	server  *server
	answers *bufio.Reader
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
	response, err := http.ReadResponse(c.answers, nil)
	must(t, err)
	must(t, response.Body.Close())
}

func (c client) ask(t *testing.T) {
	t.Helper()
	c.send(t, "/")
	c.read(t)
	<-c.server.idle
}

// awaitEnd waits until the server has closed the connection.
func (c client) awaitEnd(t *testing.T) {
	t.Helper()
	if _, err := c.answers.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is still open: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
