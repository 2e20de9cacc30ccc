package httpkit

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/telemetry"
)

// Labels of requests that are no operation.
const (
	labelNone = "none" // unknown paths and methods, preflights
	labelDocs = "documentation"
)

// Measure counts and times requests by operation and status. Paths are unbounded, so the label is
// the operation. docs are the paths of the documentation. It does nothing if metrics is nil.
func Measure(
	contract *apispec.Contract, metrics *telemetry.Metrics, docs []string, now func() time.Time,
) echo.MiddlewareFunc {
	if metrics == nil {
		return pass
	}
	requestsOf := newRequests(contract, metrics, docs)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			requests := requestsOf(ctx)
			started := now()
			requests.Began()
			// Deferred because of panics that abort the connection.
			defer func() { requests.Ended(ctx.Request().Context(), ctx.Response().Status, now().Sub(started)) }()
			return next(ctx)
		}
	}
}

// newRequests returns a function that finds the metrics of a request.
func newRequests(
	contract *apispec.Contract, metrics *telemetry.Metrics, docs []string,
) func(echo.Context) *telemetry.Requests {
	byOperation := map[*apispec.Operation]*telemetry.Requests{}
	for _, op := range contract.Operations() {
		byOperation[op] = metrics.Requests(op.ID, http.StatusInternalServerError, http.StatusServiceUnavailable)
	}
	byPath := map[string]*telemetry.Requests{}
	if len(docs) > 0 {
		documentation := metrics.Requests(labelDocs)
		for _, path := range docs {
			byPath[path] = documentation
		}
	}
	none := metrics.Requests(labelNone)
	return func(ctx echo.Context) *telemetry.Requests {
		if op := operationOf(contract, ctx); op != nil {
			return byOperation[op]
		}
		isRead := ctx.Request().Method == http.MethodGet || ctx.Request().Method == http.MethodHead
		if documentation := byPath[ctx.Path()]; documentation != nil && isRead {
			return documentation
		}
		return none
	}
}
