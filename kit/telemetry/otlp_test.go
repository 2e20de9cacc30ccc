package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"example.com/plinth/kit/telemetry"
)

func TestExportRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		respond  http.HandlerFunc // to all attempts but the third
		attempts int32
		failure  string // empty if the third attempt is made and succeeds
	}{
		"unavailable":       {status(http.StatusServiceUnavailable), 3, ""},
		"too many requests": {status(http.StatusTooManyRequests), 3, ""},
		"bad gateway":       {status(http.StatusBadGateway), 3, ""},
		"gateway timeout":   {status(http.StatusGatewayTimeout), 3, ""},
		"broken connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 3, ""},
		"unauthorized":      {status(http.StatusUnauthorized), 1, "401"},
		"bad request":       {status(http.StatusBadRequest), 1, "400"},
		"internal error":    {status(http.StatusInternalServerError), 1, "500"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, 1, "307"},
		"partial success": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-protobuf")
			_, _ = w.Write([]byte("\x0a\x0a\x08\x01\x12\x06no way"))
		}, 1, "no way"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var attempts atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if attempts.Add(1) != 3 {
					test.respond(w, r)
				}
			}))
			t.Cleanup(server.Close)
			client := telemetry.NewOTLPClient(server.URL, time.Microsecond)
			err := client.UploadTraces(t.Context(), []*tracepb.ResourceSpans{{}})
			if got := attempts.Load(); got != test.attempts {
				t.Errorf("%d attempts, want %d", got, test.attempts)
			}
			if (err == nil) != (test.failure == "") || err != nil && !strings.Contains(err.Error(), test.failure) {
				t.Errorf("got %v, want an error with %q", err, test.failure)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestExportGivesUp(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		attempts.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	client := telemetry.NewOTLPClient(server.URL, time.Microsecond)
	if err := client.UploadTraces(t.Context(), nil); err == nil || attempts.Load() != 4 {
		t.Errorf("%d attempts, then %v", attempts.Load(), err)
	}
}

func TestExportWaitsForRetryAfter(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var attempts atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if attempts.Add(1) == 1 {
			time.AfterFunc(100*time.Millisecond, cancel)
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	client := telemetry.NewOTLPClient(server.URL, time.Microsecond)
	if err := client.UploadTraces(ctx, nil); err == nil || attempts.Load() != 1 {
		t.Errorf("%d attempts, then %v", attempts.Load(), err)
	}
}
