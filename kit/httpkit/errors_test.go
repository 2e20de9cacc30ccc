package httpkit_test

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

	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/telemetry"
)

// TestFailureAfterTheFirstByteAbortsTheConnection checks that clients can distinguish an incomplete
// response, and that the failure is logged once.
func TestFailureAfterTheFirstByteAbortsTheConnection(t *testing.T) {
	t.Parallel()
	fail := errors.New("the rest is missing")
	for _, test := range []struct {
		name    string
		finish  func() error
		flushed bool
		logged  string // in addition to the request
	}{
		{"no failure", func() error { return nil }, true, ""},
		{"an error", func() error { return fail }, true, "request failed"},
		{"an error before anything is sent", func() error { return fail }, false, "request failed"},
		{"an error that would be the client's", func() error { return problem.Invalid() }, true, "request failed"},
		{"a timeout", func() error { return fmt.Errorf("%w", context.DeadlineExceeded) }, true, "request failed"},
		{"a panic", func() error { panic(fail) }, true, "request panicked"},
		{"a panic that aborts by itself", func() error { panic(http.ErrAbortHandler) }, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			logs := &logBuffer{}
			handler := newServer(t, things.Contract(things.Public), func(ctx echo.Context) error {
				_, err := io.WriteString(ctx.Response(), "id,name\n")
				must(t, err)
				if test.flushed {
					ctx.Response().Flush()
				}
				return test.finish()
			}, testapi.Options{Logger: telemetry.NewLogger(logs, telemetry.LoggerOptions{Level: slog.LevelInfo})})
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

// TestWriteAfterDisconnectIsNotLogged checks that a failed write to a closed connection is no
// fault.
func TestWriteAfterDisconnectIsNotLogged(t *testing.T) {
	t.Parallel()
	logs := &logBuffer{}
	handler := newServer(t, things.Contract(things.Public), func(ctx echo.Context) error {
		for {
			if _, err := io.WriteString(ctx.Response(), "more\n"); err != nil {
				return err
			}
			ctx.Response().Flush()
		}
	}, testapi.Options{Logger: telemetry.NewLogger(logs, telemetry.LoggerOptions{Level: slog.LevelInfo})})
	server := httptest.NewServer(handler)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/things/x", http.NoBody)
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

// fetch returns the response body as far as the client can read it.
func fetch(t *testing.T, server *httptest.Server) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/things/x", http.NoBody)
	must(t, err)
	response, err := server.Client().Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(response.Body)
	return string(body), err
}
