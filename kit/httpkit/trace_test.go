package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/telemetry"
)

//nolint:paralleltest // allocations are counted for the whole process
func TestTracingThatIsOffAllocatesNothing(t *testing.T) {
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	must(t, err)
	contract, _ := things.MustRead(t, things.Contract(things.Public))
	handler := httpkit.Trace(contract, nil, nil, reporter)(func(echo.Context) error { return nil })
	ctx := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), httptest.NewRecorder())
	if n := testing.AllocsPerRun(1000, func() { _ = handler(ctx) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
