package lifecycle_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/kit/lifecycle"
)

// service is Serve in the background, on a database that works.
type service struct {
	address   string
	readiness *lifecycle.Readiness
	stop      context.CancelFunc
	stopped   chan error // what Serve returns
}

func serve(t *testing.T, handler http.Handler, options lifecycle.ServeOptions) *service {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	s := &service{listener.Addr().String(), newReadiness(&fakeDatabase{}), stop, make(chan error, 1)}
	must(t, s.readiness.Await(ctx))
	go func() {
		s.stopped <- lifecycle.Serve(ctx, listener, handler, s.readiness, slog.New(slog.DiscardHandler), options)
	}()
	return s
}

func TestServeFinishesRequestsInFlight(t *testing.T) {
	t.Parallel()
	began, finish := make(chan struct{}), make(chan struct{})
	s := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(began)
		<-finish
	}), lifecycle.ServeOptions{})
	status := make(chan int, 1)
	go func() { status <- get(t, "http://"+s.address) }()
	<-began
	s.stop()
	<-s.readiness.Stopping()
	wantNotReady(t, s.readiness, "shutting down")
	close(finish)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request in flight ends with status %d", got)
	}
	must(t, <-s.stopped)
}

func TestServeDisablesKeepAliveWhileDraining(t *testing.T) {
	t.Parallel()
	s := serve(t, http.NotFoundHandler(), lifecycle.ServeOptions{})
	closes := func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address, http.NoBody)
		must(t, err)
		response, err := new(http.Transport).RoundTrip(request)
		must(t, err)
		defer response.Body.Close() //nolint:errcheck // it was only read from
		return response.Close
	}
	if closes() {
		t.Error("keep-alive is off before the drain")
	}
	s.readiness.Drain()
	if !closes() {
		t.Error("keep-alive is on while draining")
	}
	s.stop()
	must(t, <-s.stopped)
}

func TestServeRefusesAmbiguousHeads(t *testing.T) {
	t.Parallel()
	s := serve(
		t,
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") }),
		lifecycle.ServeOptions{},
	)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.address)
	must(t, err)
	defer conn.Close() //nolint:errcheck // it was only read from
	_, err = io.WriteString(
		conn,
		"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	)
	must(t, err)
	response, err := io.ReadAll(conn)
	must(t, err)
	if !strings.HasPrefix(string(response), "HTTP/1.1 400 ") {
		t.Errorf("the response is %q", response)
	}
	s.stop()
	must(t, <-s.stopped)
}

func TestServeFailsOnAClosedListener(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	err = lifecycle.Serve(t.Context(), listener, http.NotFoundHandler(), newReadiness(&fakeDatabase{}),
		slog.New(slog.DiscardHandler), lifecycle.ServeOptions{})
	if err == nil || !strings.Contains(err.Error(), "serving") {
		t.Errorf("got %v", err)
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, http.NoBody)
	must(t, err)
	response, err := new(http.Transport).RoundTrip(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	return response.StatusCode
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
