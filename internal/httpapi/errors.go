package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/telemetry"
)

// The problems that never reach the domain.
var (
	errMalformed        = &problem.Problem{Code: problem.CodeMalformedRequest, Detail: "The request cannot be read."}
	errRouteNotFound    = &problem.Problem{Code: problem.CodeRouteNotFound, Detail: "There is nothing at this path."}
	errMethodNotAllowed = &problem.Problem{Code: problem.CodeMethodNotAllowed, Detail: "This path does not have that method; see Allow."}
	errHungUp           = &problem.Problem{Code: problem.CodeMalformedRequest, Detail: "The connection was closed before the answer."}
	errInternal         = &problem.Problem{Code: problem.CodeInternalError, Detail: "Something went wrong on our side. It has been reported."}
)

// translate returns the problem of an error that is meant for clients.
func translate(err error) (*problem.Problem, bool) {
	domainError, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return nil, false
	}
	p := &problem.Problem{Code: string(domainError.Code), Detail: domainError.Message, RetryAfter: domainError.RetryAfter, Cause: err}
	for _, field := range domainError.Fields {
		p.Fields = append(p.Fields, problem.FieldError{Pointer: field.Pointer, Code: field.Code, Detail: field.Message})
	}
	return p, true
}

// toProblem returns what an error means to clients; unknown errors are internal. ctx is that of the
// connection: errors after a disconnect are not faults of the service.
func toProblem(ctx context.Context, err error) *problem.Problem {
	if errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled) {
		return errHungUp.Because(err)
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	if p, ok := translate(err); ok {
		return p
	}
	switch {
	case errors.Is(err, echo.ErrNotFound):
		return errRouteNotFound
	case errors.Is(err, echo.ErrMethodNotAllowed):
		return errMethodNotAllowed
	case errors.Is(err, context.DeadlineExceeded):
		return &problem.Problem{Code: problem.CodeUnavailable, Detail: domain.ErrUnavailable.Message, Cause: err}
	default:
		return errInternal.Because(err)
	}
}

// errorHandler is Echo's HTTPErrorHandler: the only place that writes an error, and logs it.
type errorHandler struct {
	logger   *slog.Logger
	reporter *telemetry.Sentry
	kinds    problem.Table
}

func (h *errorHandler) handle(err error, ctx echo.Context) {
	p := toProblem(ctx.Request().Context(), err)
	if ctx.Response().Committed {
		p = h.afterFirstByte(ctx.Request().Context(), p, err)
	}
	if _, known := h.kinds[p.Code]; !known {
		p = errInternal.Because(err)
	}
	h.report(ctx.Request(), ctx.Path(), h.kinds[p.Code].Status, p)
	if ctx.Response().Committed {
		return // too late to tell the caller; accessLog aborts the connection
	}
	if err := h.kinds.Write(ctx.Response(), ctx.Request(), p, telemetry.RequestID(ctx.Request().Context())); err != nil {
		h.logger.DebugContext(ctx.Request().Context(), "writing a problem", slog.Any("error", err))
	}
}

// afterFirstByte returns the problem of a response that cannot be finished. Any cause is ours, unless the client hung up, which
// lets writes fail.
func (h *errorHandler) afterFirstByte(ctx context.Context, p *problem.Problem, err error) *problem.Problem {
	_, crashed := errors.AsType[*panicError](err)
	switch {
	case crashed || ctx.Err() == nil && h.kinds[p.Code].Status >= http.StatusInternalServerError:
		return p
	case errors.Is(ctx.Err(), context.Canceled):
		return errHungUp.Because(err)
	default:
		return errInternal.Because(err)
	}
}

// report logs what is our fault, once, and tells Sentry.
func (h *errorHandler) report(r *http.Request, route string, status int, p *problem.Problem) {
	if errors.Is(p, domain.ErrUnreadableHash) { // which its owner cannot tell from a wrong password
		h.logger.LogAttrs(r.Context(), slog.LevelWarn, "password hash unreadable", slog.Any("error", errors.Unwrap(p.Cause)))
	}
	if status < http.StatusInternalServerError || p.Code == apicontract.CodeNotReady {
		return
	}
	var cause error = p
	if p.Cause != nil {
		cause = p.Cause
	}
	attrs := []slog.Attr{
		slog.String("code", p.Code), slog.String("method", r.Method), slog.String("route", route),
	}
	if crash, crashed := errors.AsType[*panicError](cause); crashed {
		h.logger.LogAttrs(r.Context(), slog.LevelError, "request panicked",
			append(attrs, slog.Any("error", cause), slog.String("stack", crash.frames()))...)
		h.reporter.CapturePanic(r.Context(), crash.value, crash.stack, attrs...)
		return
	}
	level := slog.LevelWarn // overloaded and unavailable are expected under stress
	if status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	h.logger.LogAttrs(r.Context(), level, "request failed", append(attrs, slog.Any("error", cause))...)
	h.reporter.Capture(r.Context(), cause, attrs...)
}
