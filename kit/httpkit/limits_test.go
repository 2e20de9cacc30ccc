package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/ratelimit"
)

//nolint:paralleltest // allocations are counted for the whole process
func TestCountAccountAllocatesNothing(t *testing.T) {
	contract, op := things.MustRead(t, things.Contract(things.ForUser))
	limits, err := httpkit.NewLimits(contract, &httpkit.RateLimits{
		Limiter: ratelimit.New(time.Now, ratelimit.Options{}),
		Rates:   map[string]ratelimit.Rate{"read": {Requests: 300, Window: time.Minute}},
	}, httpkit.RateClasses{})
	must(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	ctx := echo.New().NewContext(r, httptest.NewRecorder())
	httpkit.SetCaller(ctx)
	count := func() { _ = limits.CountAccount(ctx, op, "01JD8Z5V3K4N6P7Q8R9S0T1V2W") }
	if n := testing.AllocsPerRun(1000, count); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewLimitsRejectsMissingRates(t *testing.T) {
	t.Parallel()
	contract, _ := things.MustRead(t, things.Contract(things.Public))
	for _, rate := range []ratelimit.Rate{{}, {Requests: 1}, {Window: time.Second}} {
		_, err := httpkit.NewLimits(contract, &httpkit.RateLimits{Rates: map[string]ratelimit.Rate{"read": rate}}, httpkit.RateClasses{})
		things.WantError(t, err, "has no rate")
	}
	_, err := httpkit.NewLimits(contract, &httpkit.RateLimits{}, httpkit.RateClasses{Unlimited: []string{"read"}})
	must(t, err)
}
