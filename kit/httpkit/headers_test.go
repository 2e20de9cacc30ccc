package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/internal/things"
)

// TestRetirementIsAnnounced checks the headers of RFC 9745 and RFC 8594.
func TestRetirementIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, operation, deprecation, sunset string }{
		{
			"a deprecated operation", things.Public + "deprecated: true\nx-deprecated-since: 2030-01-01\nx-sunset: 2030-12-31",
			"@1893456000", "Tue, 31 Dec 2030 00:00:00 GMT",
		},
		{"another operation", things.Public, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := newServer(t, things.Contract(test.operation), func(echo.Context) error { return echo.ErrNotFound }, testapi.Options{})
			response := httptest.NewRecorder()
			handler.ServeHTTP(response,
				httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/1", http.NoBody))
			want(t, "Deprecation", response.Header().Get("Deprecation"), test.deprecation)
			want(t, "Sunset", response.Header().Get("Sunset"), test.sunset)
		})
	}
}
