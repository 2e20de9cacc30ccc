package httpapi_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/telemetry"
)

// TestPublicStreamsAreBoundedByNetwork sends requests while streams of their network and of others are open.
func TestPublicStreamsAreBoundedByNetwork(t *testing.T) {
	t.Parallel()
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	must(t, err)
	deps := httpapi.Dependencies{
		Health:   httpapi.Health{Ready: func(context.Context) ([]string, error) { return nil, nil }},
		IDs:      domain.NewIDs(time.Now, rand.Reader),
		Logger:   telemetry.NewLogger(io.Discard, telemetry.LoggerOptions{}),
		Reporter: reporter, Now: time.Now,
	}
	for _, service := range reflect.ValueOf(&deps.Services).Elem().Fields() {
		service.Set(reflect.New(service.Type().Elem()))
	}
	var during func() // runs while the stream is open
	handler, err := httpapi.NewFor(httpapi.API{
		Contract: []byte(contractOf(public + "x-timeout: none")),
		Register: func(router api.EchoRouter) {
			router.GET("/things/:id", func(ctx echo.Context) error {
				during()
				return ctx.NoContent(http.StatusOK)
			})
		},
	}, deps, httpapi.Options{StreamsPerCaller: 1, MaxStreams: 2})
	must(t, err)
	stream := func(address string, status int, meanwhile func()) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
		r.RemoteAddr = address
		answer := httptest.NewRecorder()
		during = meanwhile
		handler.ServeHTTP(answer, r)
		want(t, "status for "+address, answer.Code, status, answer.Body.Bytes())
	}
	none := func() {}
	for range 2 { // the second time, all slots are free again
		stream("192.0.2.1:1", http.StatusOK, func() {
			stream("192.0.2.1:2", http.StatusTooManyRequests, none)
			stream("[2001:db8::1]:1", http.StatusOK, func() {
				stream("[2001:db8::2]:1", http.StatusTooManyRequests, none)
				stream("192.0.2.3:1", http.StatusServiceUnavailable, none)
			})
			stream("192.0.2.3:1", http.StatusOK, none)
		})
	}
}
