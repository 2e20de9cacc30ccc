package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/plinth/internal/httpapi"
)

// TestRetirementIsAnnounced holds that every answer of a deprecated operation says since when and until when, in the forms
// of RFC 9745 and RFC 8594, and that others say nothing.
func TestRetirementIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, operation, deprecation, sunset string }{
		{
			"a deprecated operation", public + "deprecated: true\nx-deprecated-since: 2030-01-01\nx-sunset: 2030-12-31",
			"@1893456000", "Tue, 31 Dec 2030 00:00:00 GMT",
		},
		{"an operation that stays", public, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler, err := httpapi.AnnouncingServer(contractOf(test.operation))
			must(t, err)
			response := httptest.NewRecorder()
			handler.ServeHTTP(response,
				httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/1", http.NoBody))
			want(t, "Deprecation", response.Header().Get("Deprecation"), test.deprecation, nil)
			want(t, "Sunset", response.Header().Get("Sunset"), test.sunset, nil)
		})
	}
}
