package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/pgtest"
)

func TestRunServesUntilCanceled(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	s := start(t, settings(t, databaseURL, map[string]string{"APP_NAME": "of a test"}))
	s.log.await(t, "ready")
	for path, want := range map[string]int{
		"/health": 200, "/health/ready": 200, "/api/openapi.json": 200, "/api/docs": 200,
		"/nowhere": 404, "/api/v1/users/me": 401,
	} {
		if status, body := s.get(t, path); status != want {
			t.Errorf("%s: status %d, want %d: %s", path, status, want, body)
		}
	}
	if status, body := s.register(t, "ada@example.com"); status != http.StatusCreated {
		t.Errorf("registration: status %d: %s", status, body)
	}
	const connections = `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'of a test'`
	if pgtest.Value[int](t, databaseURL, connections) == 0 {
		t.Error("the pool has no connection with the application's name")
	}

	s.stop()
	must(t, s.outcome(t))
	pgtest.Await(t, databaseURL, "SELECT ("+connections+") = 0")
	if s.isListening(t) {
		t.Error("the port is still open")
	}
	s.log.await(t, "stopped")
}

// The tests of kit/headguard have more rows.
func TestAmbiguousRequestsAreRejected(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), nil))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	defer conn.Close() //nolint:errcheck // it was only read from
	_, err = io.WriteString(
		conn,
		"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	)
	must(t, err)
	answer, err := io.ReadAll(conn)
	must(t, err)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || strings.Contains(s.log.String(), `"path":"/health"`) {
		t.Errorf("the response is %q", answer)
	}
}

func TestDrainFinishesRequestsInFlight(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	s := start(t, settings(t, databaseURL, map[string]string{"SHUTDOWN_DELAY": "2s", "APP_NAME": "in flight"}))
	s.log.await(t, "ready")
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

	s.stop()
	s.log.await(t, "draining")
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
	must(t, s.outcome(t))
}

func TestRunWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	const password = "hunter2-canary"
	s := start(t, settings(t, "postgres://user:"+password+"@"+unusedAddress(t)+"/db", nil))
	s.log.await(t, "waiting for the database")
	if status, body := s.get(t, "/health"); status != http.StatusOK {
		t.Errorf("liveness: status %d: %s", status, body)
	}
	status, body := s.get(t, "/health/ready")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "database") {
		t.Errorf("readiness: status %d: %s", status, body)
	}
	if status, body := s.register(t, "ada@example.com"); status != http.StatusServiceUnavailable {
		t.Errorf("registration: status %d: %s", status, body)
	}
	s.stop()
	must(t, s.outcome(t))
	for what, text := range map[string]string{"the log": s.log.String(), "readiness": body} {
		if strings.Contains(text, password) {
			t.Errorf("%s shows the password", what)
		}
	}
}

func TestRunServesOnceTheDatabaseIsUp(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	address := unusedAddress(t)
	s := start(t, settings(t, throughProxy(t, databaseURL, address), nil))
	s.log.await(t, "waiting for the database")
	serveProxy(t, databaseURL, address)
	s.log.await(t, "ready")
	if status, body := s.register(t, "ada@example.com"); status != http.StatusCreated {
		t.Errorf("registration: status %d: %s", status, body)
	}
}

func TestRunFailsOnAnOldSchema(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.EmptyURL(t), map[string]string{"SHUTDOWN_DELAY": "5m"}))
	err := s.outcome(t) // without the delay, because no load balancer sends requests yet
	if err == nil || !strings.Contains(err.Error(), "migrate up") {
		t.Errorf("got %v, want an error with the command to run", err)
	}
	if strings.Contains(s.log.String(), `"msg":"ready"`) {
		t.Error("it was ready")
	}
}

func TestRunFailsBeforeItListens(t *testing.T) {
	t.Parallel()
	busy, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = busy.Close() })
	_, port, err := net.SplitHostPort(busy.Addr().String())
	must(t, err)
	databaseURL := pgtest.URL(t)
	for name, test := range map[string]struct {
		changes map[string]string
		want    string
	}{
		"busy port":            {map[string]string{"PORT": port}, "PORT"},
		"busy port of metrics": {map[string]string{"METRICS_ADDR": busy.Addr().String()}, "METRICS_ADDR"},
		"no key file": {
			map[string]string{"JWT_ALGORITHM": "EdDSA", "JWT_SECRET": "", "JWT_KEYS_FILE": "/nowhere/keys.json"},
			"JWT_KEYS_FILE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := app.Run(t.Context(), settings(t, databaseURL, test.changes), app.Options{
				Log: io.Discard, OnListening: func(net.Addr) { t.Error("it listened") },
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %s", err, test.want)
			}
		})
	}
}

// A read-only database degrades the service, and does not make it unready.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `DO $$ BEGIN
		EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)
	s := start(t, settings(t, databaseURL, nil))
	s.log.await(t, "ready")
	if status, body := s.get(t, "/health/ready"); status != http.StatusOK || !strings.Contains(body, "degraded") {
		t.Errorf("readiness: status %d: %s", status, body)
	}
	s.log.await(t, "the database changed what it takes")
	if status, body := s.register(t, "ada@example.com"); status != http.StatusServiceUnavailable {
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
	s.stop()
	must(t, s.outcome(t))
}

// The last lines say why a process ended, so Run waits up to two seconds for them.
func TestRunWritesTheLastLine(t *testing.T) {
	t.Parallel()
	reader, pipe := io.Pipe()
	s := startWithLog(t, pipe)
	s.stop()
	select {
	case err := <-s.done:
		t.Fatalf("Run did not wait for the last lines: %v", err)
	case <-time.After(100 * time.Millisecond): // Run waits for two seconds
	}
	log := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(reader)
		log <- string(text)
	}()
	must(t, s.outcome(t))
	must(t, pipe.Close())
	if text := <-log; !strings.Contains(text, `"msg":"stopped"`) {
		t.Errorf("the last line is missing: %s", text)
	}
}

// startWithLog runs a server with another log.
func startWithLog(t *testing.T, log io.Writer) *server {
	t.Helper()
	cfg := settings(t, pgtest.URL(t), nil)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	listening, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- app.Run(ctx, cfg, app.Options{
			Log: log, OnListening: func(addr net.Addr) { listening <- addr.String() },
		})
	}()
	return &server{url: "http://" + <-listening, stop: stop, done: done}
}

// DEBUG logs statements, never their arguments.
func TestDebugLogsStatementsWithoutArguments(t *testing.T) {
	t.Parallel()
	const canary = "canary-4711"
	for debug, logged := range map[string]bool{"true": true, "false": false} {
		t.Run("DEBUG="+debug, func(t *testing.T) {
			t.Parallel()
			s := start(t, settings(t, pgtest.URL(t), map[string]string{"DEBUG": debug, "LOG_LEVEL": "debug"}))
			s.log.await(t, "ready")
			for _, want := range []int{http.StatusCreated, http.StatusConflict} {
				if status, body := s.register(t, canary+"@example.com"); status != want {
					t.Fatalf("registering answers %d, want %d: %s", status, want, body)
				}
			}
			s.stop()
			must(t, s.outcome(t))
			text := s.log.String()
			if strings.Contains(text, "INSERT INTO users") != logged {
				t.Errorf("statements are logged: %t, want %t", !logged, logged)
			}
			for _, secret := range []string{canary, "correct horse", "argon2id", "rt_", "eyJ"} {
				if strings.Contains(text, secret) {
					t.Errorf("the log holds %q", secret)
				}
			}
			if logged && (!strings.Contains(text, `"failed":true`) || !strings.Contains(text, `"duration_ms":`)) {
				t.Error("the log lacks durations or failures of statements")
			}
		})
	}
}

func TestRunWithACanceledContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := app.Run(ctx, settings(t, pgtest.URL(t), nil), app.Options{Log: io.Discard}); err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	// Test binaries have no version control information.
	if got := app.Version(); got != "dev" {
		t.Errorf("the version of a test binary is %q", got)
	}
}

// unusedAddress returns an address of this machine without a listener.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()                                                  //nolint:errcheck // it was never used
	return "127.0.0.1:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // asked for tcp
}
