package httpapi

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/telemetry"
)

// tracer follows requests in OpenTelemetry and in Sentry, under the name of their operation.
type tracer struct {
	contract *contract
	proxies  *proxies
	tracing  *telemetry.Tracing // nil if it is off
	reporter *telemetry.Sentry
}

// trace follows a request, and costs nothing if nobody wants to know.
func (t *tracer) trace(next echo.HandlerFunc) echo.HandlerFunc {
	if t.tracing == nil && !t.reporter.Traces() {
		return next
	}
	return func(ctx echo.Context) error {
		r := ctx.Request()
		traced, route, method := r.Context(), ctx.Path(), knownMethod(r.Method)
		finish := func(int) {}
		if t.tracing != nil {
			traced, finish = t.tracing.StartRequest(traced, telemetry.TracedRequest{
				Operation: t.operation(ctx), Method: method, Route: route, Header: r.Header, Trusted: t.proxies.isTrusted(r),
			})
		}
		traced, finishReport := t.reporter.StartRequest(traced, method, route)
		setContext(ctx, traced)
		// Deferred, for a panic that closes the connection.
		defer func() {
			finishReport(ctx.Response().Status)
			finish(ctx.Response().Status)
		}()
		return next(ctx)
	}
}

// operation names what is asked for; there are no more names than routes.
func (t *tracer) operation(ctx echo.Context) string {
	if op := t.contract.operation(ctx); op != nil {
		return op.ID
	}
	if ctx.Path() != "" {
		return ctx.Path()
	}
	return notAnOperation
}

// knownMethod is the method, unless a caller made it up.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	default:
		return "_OTHER" // as OpenTelemetry calls them
	}
}
