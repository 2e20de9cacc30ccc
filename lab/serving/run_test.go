package serving_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

// The tests of kit/headguard have more rows.
func TestAmbiguousRequestsAreRejected(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), nil))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	must(t, err)
	defer conn.Close() //nolint:errcheck // it was only read from
	_, err = io.WriteString(
		conn,
		"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	)
	must(t, err)
	answer, err := io.ReadAll(conn)
	must(t, err)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || strings.Contains(s.Log.String(), `"path":"/health"`) {
		t.Errorf("the response is %q", answer)
	}
}

func TestDrainFinishesRequestsInFlight(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	s := start(t, settings(t, databaseURL, map[string]string{"SHUTDOWN_DELAY": "2s", "APP_NAME": "in flight"}))
	s.Log.Await(t, "ready")
	if s.endsConnections(t) {
		t.Error("no keep-alive before the drain")
	}
	lock := pgtest.Connect(t, databaseURL)
	for _, sql := range []string{"BEGIN", "LOCK TABLE users"} {
		if _, err := lock.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	registered := make(chan int, 1)
	go func() {
		status, _ := s.register(t, "ada@example.com")
		registered <- status
	}()
	pgtest.Await(t, databaseURL, `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'in flight' AND wait_event_type = 'Lock')`)

	s.Stop()
	s.Log.Await(t, "draining")
	status, body := s.get(t, "/health/ready")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "shutting down") {
		t.Errorf("readiness: status %d: %s", status, body)
	}
	if status, body := s.get(t, "/health"); status != http.StatusOK {
		t.Errorf("liveness: status %d: %s", status, body)
	}
	if !s.endsConnections(t) { // a proxy must not send its next request on a connection that is about to be closed
		t.Error("keep-alive during the drain")
	}
	for s.isListening(t) { // until the delay is over
		runtime.Gosched()
	}
	if _, err := lock.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if status := <-registered; status != http.StatusCreated {
		t.Errorf("the request in flight: status %d", status)
	}
	must(t, s.Outcome(t))
}

func TestRunServesOnceTheDatabaseIsUp(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	address := servertest.UnusedAddress(t)
	s := start(t, settings(t, throughProxy(t, databaseURL, address), nil))
	s.Log.Await(t, "waiting for the database")
	servertest.Forward(t, address, hostOf(t, databaseURL))
	s.Log.Await(t, "ready")
	if status, body := s.register(t, "ada@example.com"); status != http.StatusCreated {
		t.Errorf("registration: status %d: %s", status, body)
	}
}

// A blocked pipe must not block requests.
func TestBlockedLog(t *testing.T) {
	t.Parallel()
	_, pipe := io.Pipe()
	s := startWithLog(t, pipe)
	for range 10 {
		if status, body := s.get(t, "/health"); status != http.StatusOK {
			t.Errorf("status %d: %s", status, body)
		}
	}
	s.Stop()
	must(t, s.Outcome(t))
}

// The last lines say why a process ended, so Run waits up to two seconds for them.
func TestRunWritesTheLastLine(t *testing.T) {
	t.Parallel()
	reader, pipe := io.Pipe()
	s := startWithLog(t, pipe)
	s.Stop()
	select {
	case err := <-s.Done:
		t.Fatalf("Run did not wait for the last lines: %v", err)
	case <-time.After(100 * time.Millisecond): // Run waits for two seconds
	}
	log := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(reader)
		log <- string(text)
	}()
	must(t, s.Outcome(t))
	must(t, pipe.Close())
	if text := <-log; !strings.Contains(text, `"msg":"stopped"`) {
		t.Errorf("the last line is missing: %s", text)
	}
}

// startWithLog runs a server with another log.
func startWithLog(t *testing.T, log io.Writer) *server {
	t.Helper()
	cfg := settings(t, pgtest.URL(t), nil)
	return &server{Server: servertest.Start(t, func(ctx context.Context, _ io.Writer, onListening func(net.Addr)) error {
		return app.Run(ctx, cfg, app.Options{Log: log, OnListening: onListening})
	})}
}

// hostOf returns the address of a database's server.
func hostOf(t *testing.T, databaseURL string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	must(t, err)
	return u.Host
}

// throughProxy returns the URL of a database with another address.
func throughProxy(t *testing.T, databaseURL, address string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	must(t, err)
	u.Host = address
	return u.String()
}
