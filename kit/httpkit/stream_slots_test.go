package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/internal/things"
)

// TestPublicStreamsAreBoundedByNetwork sends requests while streams of the same and of other
// networks are open.
func TestPublicStreamsAreBoundedByNetwork(t *testing.T) {
	t.Parallel()
	var during func() // runs while the stream is open
	handler := newServer(t, things.Contract(things.Public+"x-timeout: none"), func(ctx echo.Context) error {
		during()
		return ctx.NoContent(http.StatusOK)
	}, testapi.Options{Streams: httpkit.StreamOptions{PerCaller: 1, Max: 2}})
	stream := func(address string, status int, meanwhile func()) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
		r.RemoteAddr = address
		answer := httptest.NewRecorder()
		during = meanwhile
		handler.ServeHTTP(answer, r)
		want(t, "status for "+address, answer.Code, status)
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
