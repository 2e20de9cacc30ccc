package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/telemetry"
)

// TestFailureAfterTheFirstByteAbortsTheConnection shows that a client can tell half a response from a whole one, that the
// failure is logged once, and that other connections are served on.
func TestFailureAfterTheFirstByteAbortsTheConnection(t *testing.T) {
	t.Parallel()
	fail := errors.New("the rest is missing")
	for _, test := range []struct {
		name    string
		finish  func() error
		flushed bool
		logged  string // what is logged beside the request; empty for nothing
	}{
		{"no failure", func() error { return nil }, true, ""},
		{"an error", func() error { return fail }, true, "request failed"},
		{"an error before anything is sent", func() error { return fail }, false, "request failed"},
		{"an error that would be the client's", func() error { return domain.ErrForbidden }, true, "request failed"},
		{"a timeout", func() error { return fmt.Errorf("%w", context.DeadlineExceeded) }, true, "request failed"},
		{"a panic", func() error { panic(fail) }, true, "request panicked"},
		{"a panic that aborts by itself", func() error { panic(http.ErrAbortHandler) }, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			logs := &logBuffer{}
			handler, err := httpapi.Serving(telemetry.NewLogger(logs, telemetry.LoggerOptions{Level: slog.LevelInfo}),
				func(ctx echo.Context) error {
					_, err := io.WriteString(ctx.Response(), "id,name\n")
					must(t, err)
					if test.flushed {
						ctx.Response().Flush()
					}
					return test.finish()
				})
			must(t, err)
			server := httptest.NewServer(handler)
			defer server.Close()
			body, err := fetch(t, server)
			if isWhole := err == nil; isWhole != (test.name == "no failure") {
				t.Errorf("the client reads %q, %v", body, err)
			}
			server.Close() // waits for the log
			logged := 0
			for _, message := range []string{"request failed", "request panicked"} {
				logged += strings.Count(logs.String(), message)
			}
			if test.logged == "" && logged > 0 || test.logged != "" && (logged != 1 || !strings.Contains(logs.String(), test.logged)) {
				t.Errorf("want %q once in the log:\n%s", test.logged, logs)
			}
		})
	}
}

// TestStreamToAClientThatHangsUpIsNoFault shows that a failed write to a client that has gone is no error of the server.
func TestStreamToAClientThatHangsUpIsNoFault(t *testing.T) {
	t.Parallel()
	logs := &logBuffer{}
	handler, err := httpapi.Serving(telemetry.NewLogger(logs, telemetry.LoggerOptions{Level: slog.LevelInfo}),
		func(ctx echo.Context) error {
			for {
				if _, err := io.WriteString(ctx.Response(), "more\n"); err != nil {
					return err
				}
				ctx.Response().Flush()
			}
		})
	must(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	must(t, err)
	response, err := server.Client().Do(r)
	must(t, err)
	_, err = io.ReadFull(response.Body, make([]byte, 100))
	must(t, err)
	cancel()
	must(t, response.Body.Close())
	server.Close() // waits for the handler
	if text := logs.String(); strings.Contains(text, "failed") || !strings.Contains(text, `"aborted":true`) {
		t.Errorf("the log has:\n%s", text)
	}
}

// fetch returns what a client gets to read.
func fetch(t *testing.T, server *httptest.Server) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	must(t, err)
	response, err := server.Client().Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(response.Body)
	return string(body), err
}
