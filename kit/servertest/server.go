package servertest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Run serves until ctx ends, and calls onListening once it accepts connections.
type Run func(ctx context.Context, log io.Writer, onListening func(net.Addr)) error

// Server is a running server.
type Server struct {
	// URL is its base URL, without a slash at the end.
	URL string
	Log *Log
	// Done receives what Run returns.
	Done <-chan error

	stop context.CancelFunc
}

// Start runs a server and returns when it listens. The server stops when the test ends.
func Start(t testing.TB, run Run) *Server {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done, listening, stopped := make(chan error, 1), make(chan string, 1), make(chan struct{})
	s := &Server{Log: NewLog(), Done: done, stop: stop}
	go func() {
		defer close(stopped)
		done <- run(ctx, s.Log, func(addr net.Addr) { listening <- addr.String() })
	}()
	t.Cleanup(func() {
		stop()
		<-stopped
	})
	select {
	case address := <-listening:
		s.URL = "http://" + address
	case err := <-done:
		t.Fatalf("the server stopped with %v", err)
	}
	return s
}

// Serve runs an HTTP server until the test ends, on a listener that wrap may guard, and returns its
// base URL.
func Serve(t testing.TB, server *http.Server, wrap func(net.Listener) net.Listener) string {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = server
	listening.Listener = wrap(listening.Listener)
	listening.Start()
	t.Cleanup(listening.Close)
	return listening.URL
}

// Stop ends the context of Run and returns at once.
func (s *Server) Stop() { s.stop() }

// Outcome waits until Run returns, and returns its error. After a minute the test fails.
func (s *Server) Outcome(t testing.TB) error {
	t.Helper()
	select {
	case err := <-s.Done:
		return err
	case <-time.After(patience):
		t.Fatal("Run does not return")
		return nil
	}
}

// Get returns the status and the body of the response to a GET.
func (s *Server) Get(t testing.TB, client *http.Client, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return Do(t, client, request)
}

// Do returns the status and the body of a response. A failure is an error of the test and returns
// zero, so that goroutines can call Do.
func Do(t testing.TB, client *http.Client, request *http.Request) (status int, body string) {
	t.Helper()
	response, err := client.Do(request) //nolint:gosec // G704: the test chose the address
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}
