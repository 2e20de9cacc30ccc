package httpapi

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/telemetry"
)

// What is measured like an operation, but is none.
const (
	notAnOperation        = "none" // unknown paths and methods, preflights
	documentationRequests = "documentation"
)

// routeMetrics find what measures a route: its operation, never its path, of which there are as many as callers care to
// make up.
type routeMetrics struct {
	byRoute map[routeKey]*telemetry.Requests
	others  *telemetry.Requests
}

// newRouteMetrics returns nil if nothing is to be measured.
func newRouteMetrics(c *contract, options Options) *routeMetrics {
	if options.Metrics == nil {
		return nil
	}
	byOperation := map[string]*telemetry.Requests{}
	routes := &routeMetrics{map[routeKey]*telemetry.Requests{}, options.Metrics.Requests(notAnOperation)}
	for key, op := range c.operations { // a HEAD is of the same operation as its GET
		if byOperation[op.ID] == nil {
			byOperation[op.ID] = options.Metrics.Requests(op.ID, http.StatusInternalServerError, http.StatusServiceUnavailable)
		}
		routes.byRoute[key] = byOperation[op.ID]
	}
	if options.DocsEnabled {
		documentation := options.Metrics.Requests(documentationRequests)
		for _, path := range docsRoutes() {
			routes.byRoute[routeKey{http.MethodGet, path}] = documentation
			routes.byRoute[routeKey{http.MethodHead, path}] = documentation
		}
	}
	return routes
}

func (m *routeMetrics) of(ctx echo.Context) *telemetry.Requests {
	if requests := m.byRoute[routeOf(ctx)]; requests != nil {
		return requests
	}
	return m.others
}

// measure counts every request, its status and its time.
func measure(routes *routeMetrics, now func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if routes == nil {
			return next
		}
		return func(ctx echo.Context) error {
			requests := routes.of(ctx)
			started := now()
			requests.Began()
			// Deferred, for a panic that closes the connection.
			defer func() { requests.Ended(ctx.Request().Context(), ctx.Response().Status, now().Sub(started)) }()
			return next(ctx)
		}
	}
}
