package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/servertest"
)

func TestRunServesUntilCanceled(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	s := start(t, settings(t, databaseURL, map[string]string{"APP_NAME": "of a test"}))
	s.Log.Await(t, "ready")
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

	s.Stop()
	must(t, s.Outcome(t))
	pgtest.Await(t, databaseURL, "SELECT ("+connections+") = 0")
	if s.isListening(t) {
		t.Error("the port is still open")
	}
	s.Log.Await(t, "stopped")
}

func TestRunWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	const password = "hunter2-canary"
	s := start(t, settings(t, "postgres://user:"+password+"@"+servertest.UnusedAddress(t)+"/db", nil))
	s.Log.Await(t, "waiting for the database")
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
	s.Stop()
	must(t, s.Outcome(t))
	for what, text := range map[string]string{"the log": s.Log.String(), "readiness": body} {
		if strings.Contains(text, password) {
			t.Errorf("%s shows the password", what)
		}
	}
}

func TestRunFailsOnAnOldSchema(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.EmptyURL(t), map[string]string{"SHUTDOWN_DELAY": "5m"}))
	err := s.Outcome(t) // without the delay, because no load balancer sends requests yet
	if err == nil || !strings.Contains(err.Error(), "migrate up") {
		t.Errorf("got %v, want an error with the command to run", err)
	}
	if strings.Contains(s.Log.String(), `"msg":"ready"`) {
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
	s.Log.Await(t, "ready")
	if status, body := s.get(t, "/health/ready"); status != http.StatusOK || !strings.Contains(body, "degraded") {
		t.Errorf("readiness: status %d: %s", status, body)
	}
	s.Log.Await(t, "the database changed what it takes")
	if status, body := s.register(t, "ada@example.com"); status != http.StatusServiceUnavailable {
		t.Errorf("registration: status %d: %s", status, body)
	}
}

// DEBUG logs statements, never their arguments.
func TestDebugLogsStatementsWithoutArguments(t *testing.T) {
	t.Parallel()
	const canary = "canary-4711"
	for debug, logged := range map[string]bool{"true": true, "false": false} {
		t.Run("DEBUG="+debug, func(t *testing.T) {
			t.Parallel()
			s := start(t, settings(t, pgtest.URL(t), map[string]string{
				"DEBUG": debug, "LOG_LEVEL": "debug", "JOBS": "off", // in development, a sent mail is a log line with its address
			}))
			s.Log.Await(t, "ready")
			for _, want := range []int{http.StatusCreated, http.StatusConflict} {
				if status, body := s.register(t, canary+"@example.com"); status != want {
					t.Fatalf("registering answers %d, want %d: %s", status, want, body)
				}
			}
			s.Stop()
			must(t, s.Outcome(t))
			text := s.Log.String()
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

func TestWarningsAreLogged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".env")
	must(t, os.WriteFile(path, []byte("PROT=8001\n"), 0o600))
	environ := map[string]string{
		"ENVIRONMENT": "development", "PORT": "0", "DATABASE_URL": pgtest.URL(t),
		"JWT_SECRET": "4c70a3b2f5e8419d8a6b0c1d2e3f4a5b",
	}
	cfg, err := config.LoadFrom(environ, config.Options{DotEnv: path})
	must(t, err)
	s := start(t, cfg)
	s.Log.Await(t, "ready")
	line := s.Log.Line(t, "unsafe or unknown setting")
	if line["level"] != "WARN" || line["setting"] != "PROT" ||
		!strings.Contains(fmt.Sprint(line["detail"]), "did you mean PORT?") {
		t.Errorf("logged %v", line)
	}
}

func TestInvalidRedisURL(t *testing.T) {
	t.Parallel()
	cfg := settings(t, "postgres://u:p@localhost/d", map[string]string{
		"REDIS_URL": "redis://:hunter2@localhost/0?unknown=1",
	})
	_, err := app.Build(t.Context(), cfg, app.Options{Log: io.Discard})
	if !errors.Is(err, ratelimit.ErrRedisURL) || !strings.Contains(err.Error(), "REDIS_URL") ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
