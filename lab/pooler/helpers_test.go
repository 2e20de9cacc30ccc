//go:build pgbouncer

package pooler_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
)

// serve runs a server until the test ends, and returns its URL and its log.
func serve(t *testing.T, databaseURL string) (string, logLines) {
	t.Helper()
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT":              "development",
		"PORT":                     "0",
		"DATABASE_URL":             databaseURL,
		"DATABASE_POOLER":          "transaction",
		"DATABASE_POOL_SIZE":       "1",
		"DATABASE_MAX_OVERFLOW":    "9",
		"RATE_LIMIT_ENABLED":       "false",
		"JWT_SECRET":               "4c70a3b2f5e8419d8a6b0c1d2e3f4a5b",
		"PASSWORD_HASH_MEMORY_KIB": "64",
		"PASSWORD_HASH_ITERATIONS": "1",
	}, config.Options{})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	log, listening, stopped := make(logLines, 10_000), make(chan string, 1), make(chan error, 1)
	go func() {
		stopped <- app.Run(ctx, cfg, app.Options{
			Log: log, ChoreInterval: 10 * time.Millisecond,
			OnListening: func(addr net.Addr) { listening <- "http://" + addr.String() },
		})
	}()
	select {
	case address := <-listening:
		t.Cleanup(func() {
			stop()
			must(t, <-stopped)
		})
		return address, log
	case err := <-stopped:
		stop()
		t.Fatalf("the server stopped with %v", err)
		return "", nil
	}
}

// logLines receives the lines of a log, as many as fit.
type logLines chan string

func (l logLines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default:
	}
	return len(line), nil
}

// await returns the next line that contains a text.
func (l logLines) await(t *testing.T, text string) string {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case line := <-l:
			if strings.Contains(line, text) {
				return line
			}
		case <-timeout:
			t.Fatalf("%q is not in the log", text)
		}
	}
}

// accepts reports whether an address accepts connections.
func accepts(t *testing.T, address string) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
