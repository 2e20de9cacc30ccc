package httpkit

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/telemetry"
)

// Errors writes and logs the errors of requests. It is the only place that does.
type Errors struct {
	// Table has the kind of each code.
	Table problem.Table
	// Translate returns the problem of an error of the application, if it is meant for clients.
	// Errors that it does not know are internal.
	Translate func(error) (*problem.Problem, bool)
	// Expected are codes of 5xx that are not logged.
	Expected []string

	Logger   *slog.Logger
	Reporter *telemetry.Sentry
}

// Problems of the protocol.
var (
	errRouteNotFound    = &problem.Problem{Code: problem.CodeRouteNotFound, Detail: "There is nothing at this path."}
	errMethodNotAllowed = &problem.Problem{Code: problem.CodeMethodNotAllowed, Detail: "Method not allowed; see " +
		"the Allow header."}
	errDisconnected = &problem.Problem{Code: problem.CodeMalformedRequest, Detail: "The connection was " +
		"closed before the response."}
	errInternal = &problem.Problem{Code: problem.CodeInternalError, Detail: "Something went wrong on our " +
		"side. It has been reported."}
	errUnavailable = &problem.Problem{Code: problem.CodeUnavailable, Detail: "A dependency does not answer. " +
		"Try again shortly."}
)

// Handle is an [echo.HTTPErrorHandler].
func (e *Errors) Handle(err error, ctx echo.Context) {
	r := ctx.Request()
	p := e.problemOf(r.Context(), err)
	if ctx.Response().Committed {
		p = e.afterFirstByte(r.Context(), p, err)
	}
	if _, known := e.Table[p.Code]; !known {
		p = errInternal.Because(err)
	}
	e.log(r, ctx.Path(), p)
	if ctx.Response().Committed {
		return // AccessLog aborts the connection
	}
	if err := e.Table.Write(ctx.Response(), r, p, telemetry.RequestID(r.Context())); err != nil {
		e.Logger.DebugContext(r.Context(), "writing a problem", slog.Any("error", err))
	}
}

// problemOf returns the problem of an error. ctx is that of the connection: errors after the client
// has disconnected are not faults of the service.
func (e *Errors) problemOf(ctx context.Context, err error) *problem.Problem {
	if errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled) {
		return errDisconnected.Because(err)
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	if p, ok := e.Translate(err); ok {
		return p
	}
	switch {
	case errors.Is(err, echo.ErrNotFound):
		return errRouteNotFound
	case errors.Is(err, echo.ErrMethodNotAllowed):
		return errMethodNotAllowed
	case errors.Is(err, context.DeadlineExceeded):
		return errUnavailable.Because(err)
	default:
		return errInternal.Because(err)
	}
}

// afterFirstByte returns the problem of a response that cannot be completed. Unless the client has
// disconnected, which makes writes fail, it is a fault of the service.
func (e *Errors) afterFirstByte(ctx context.Context, p *problem.Problem, err error) *problem.Problem {
	_, panicked := errors.AsType[*panicError](err)
	switch {
	case panicked || ctx.Err() == nil && e.Table[p.Code].Status >= http.StatusInternalServerError:
		return p
	case errors.Is(ctx.Err(), context.Canceled):
		return errDisconnected.Because(err)
	default:
		return errInternal.Because(err)
	}
}

// log logs and reports faults of the service.
func (e *Errors) log(r *http.Request, route string, p *problem.Problem) {
	status := e.Table[p.Code].Status
	if status < http.StatusInternalServerError || slices.Contains(e.Expected, p.Code) {
		return
	}
	var cause error = p
	if p.Cause != nil {
		cause = p.Cause
	}
	attrs := []slog.Attr{slog.String("code", p.Code), slog.String("method", r.Method), slog.String("route", route)}
	if panicked, ok := errors.AsType[*panicError](cause); ok {
		e.Logger.LogAttrs(r.Context(), slog.LevelError, "request panicked",
			append(attrs, slog.Any("error", cause), slog.String("stack", panicked.frames()))...)
		e.Reporter.CapturePanic(r.Context(), panicked.value, panicked.stack, attrs...)
		return
	}
	level := slog.LevelWarn // overloaded and unavailable are expected under load
	if status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	e.Logger.LogAttrs(r.Context(), level, "request failed", append(attrs, slog.Any("error", cause))...)
	e.Reporter.Capture(r.Context(), cause, attrs...)
}
