package httpkit_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/telemetry"
)

// newServer serves a contract of package things with a handler.
func newServer(t testing.TB, contract string, handle echo.HandlerFunc, options testapi.Options) http.Handler {
	t.Helper()
	options.Now, options.Contract = time.Now, []byte(contract)
	options.Register = func(router httpkit.HeadRouter) {
		if strings.Contains(contract, "    post:") {
			router.POST("/things/:id", handle)
			return
		}
		router.GET("/things/:id", handle)
	}
	handler, err := testapi.New(options)
	must(t, err)
	return handler
}

func quiet() *slog.Logger { return telemetry.NewLogger(io.Discard, telemetry.LoggerOptions{}) }

// logBuffer collects log lines.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t testing.TB, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s is %v, want %v", what, got, wanted)
	}
}
