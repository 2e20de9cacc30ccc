package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// NewForText is NewFor with the handlers of our own contract.
func NewForText(text string, deps Dependencies) error {
	_, err := NewFor(API{Contract: []byte(text), Register: func(router api.EchoRouter) {
		api.RegisterHandlers(router, api.NewStrictHandler(&handlers{}, nil))
	}}, deps, Options{})
	return err
}

// CheckContract does what New does with the contract before anything is served. Routes are those that have handlers, such
// as "GET /things/:id"; with none, only the contract is looked at.
func CheckContract(text string, routes ...string) error {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return err
	}
	c, err := newContract(spec)
	if err != nil || len(routes) == 0 {
		return err
	}
	e := echo.New()
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		e.Add(method, path, func(echo.Context) error { return nil })
	}
	return checkRoutes(e, c, []string{"/extra"})
}

// Count returns what counts a request of an account, and writes the headers.
func Count(limiter *ratelimit.Limiter, rate ratelimit.Rate, account string) func() {
	l := &limits{limiter}
	op := &operation{Operation: &apispec.Operation{}, limit: newRateClass("read", rate)}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody)
	ctx := echo.New().NewContext(r, httptest.NewRecorder())
	return func() { _ = l.byAccount(ctx, op, account) }
}

// Serving returns what serves all paths with a handler, in the middleware that sees its errors.
func Serving(logger *slog.Logger, handler echo.HandlerFunc) (http.Handler, error) {
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	e := echo.New()
	e.HTTPErrorHandler = (&errorHandler{logger: logger, reporter: reporter, kinds: apicontract.Problems()}).handle
	e.Use(inOrder(accessLog(logger, time.Now), recovery(), deadline(&contract{}, 0)))
	e.GET("/*", handler)
	return e, err
}

// Untraced returns a request on its way through the middleware of traces, when nobody records any.
func Untraced(reporter *telemetry.Sentry) func() {
	handler := (&tracer{reporter: reporter}).trace(func(echo.Context) error { return nil })
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody)
	ctx := echo.New().NewContext(r, httptest.NewRecorder())
	return func() { _ = handler(ctx) }
}

// StatusOf returns what a router answers that has these routes, such as "GET /things/:id".
func StatusOf(routes []string, method, path string) int {
	e := echo.New()
	for _, route := range routes {
		verb, template, _ := strings.Cut(route, " ")
		e.Add(verb, template, func(ctx echo.Context) error { return ctx.NoContent(http.StatusOK) })
	}
	keepFixedPaths(e)
	endParameters(e)
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequestWithContext(context.Background(), method, path, http.NoBody))
	return recorder.Code
}
