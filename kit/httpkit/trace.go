package httpkit

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/telemetry"
)

// Trace traces requests in OpenTelemetry and in Sentry, by operation. tracing is nil if it is off.
// It does nothing if both are off.
func Trace(
	contract *apispec.Contract, proxies Proxies, tracing *telemetry.Tracing, reporter *telemetry.Sentry,
) echo.MiddlewareFunc {
	if tracing == nil && !reporter.Traces() {
		return pass
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			r := ctx.Request()
			traced, route, method := r.Context(), ctx.Path(), knownMethod(r.Method)
			finish := func(int) {}
			if tracing != nil {
				traced, finish = tracing.StartRequest(traced, telemetry.TracedRequest{
					Operation: labelOf(contract, ctx), Method: method, Route: route, Header: r.Header,
					Trusted: proxies.trustPeer(r),
				})
			}
			traced, finishReport := reporter.StartRequest(traced, method, route)
			setContext(ctx, traced)
			// Deferred because of panics that abort the connection.
			defer func() {
				finishReport(ctx.Response().Status)
				finish(ctx.Response().Status)
			}()
			return next(ctx)
		}
	}
}

// labelOf returns the name of a request, of which there are as many as routes.
func labelOf(contract *apispec.Contract, ctx echo.Context) string {
	if op := operationOf(contract, ctx); op != nil {
		return op.ID
	}
	if ctx.Path() != "" {
		return ctx.Path()
	}
	return labelNone
}

// knownMethod returns a standard method, or _OTHER as in OpenTelemetry's conventions.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	default:
		return "_OTHER"
	}
}
