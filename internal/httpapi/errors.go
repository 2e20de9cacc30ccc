package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/telemetry"
)

const mediaTypeProblem = "application/problem+json"

// kind is what all problems of one code have in common.
type kind struct {
	status     int
	title      string
	challenge  string // WWW-Authenticate (RFC 6750, section 3); empty for none
	retryAfter int    // seconds, where waiting helps; 0 for nothing
}

// kinds is the only place where a code gets its status.
var kinds = map[api.ProblemCode]kind{
	api.ProblemCodeMalformedRequest: {status: http.StatusBadRequest, title: "Malformed request"},
	api.ProblemCodeUnauthenticated: {
		status: http.StatusUnauthorized, title: "Authentication required", challenge: bearer,
	},
	api.ProblemCodeInvalidToken: {
		status: http.StatusUnauthorized, title: "Invalid access token", challenge: bearer + `, error="invalid_token"`,
	},
	api.ProblemCodeInvalidCredentials: {
		status: http.StatusUnauthorized, title: "Invalid credentials", challenge: bearer,
	},
	api.ProblemCodeInvalidRefreshToken: {
		status: http.StatusUnauthorized, title: "Invalid refresh token", challenge: bearer,
	},
	api.ProblemCodeForbidden: {
		status: http.StatusForbidden, title: "Forbidden", challenge: bearer + `, error="insufficient_scope"`,
	},
	api.ProblemCodeReauthenticationFailed: {status: http.StatusForbidden, title: "Reauthentication failed"},
	api.ProblemCodeRouteNotFound:          {status: http.StatusNotFound, title: "Not found"},
	api.ProblemCodeUserNotFound:           {status: http.StatusNotFound, title: "User not found"},
	api.ProblemCodeSessionNotFound:        {status: http.StatusNotFound, title: "Session not found"},
	api.ProblemCodeMethodNotAllowed:       {status: http.StatusMethodNotAllowed, title: "Method not allowed"},
	api.ProblemCodeEmailTaken:             {status: http.StatusConflict, title: "E-mail taken"},
	api.ProblemCodeLastAdmin:              {status: http.StatusConflict, title: "Last administrator"},
	api.ProblemCodePreconditionFailed:     {status: http.StatusPreconditionFailed, title: "Precondition failed"},
	api.ProblemCodeRequestTimeout:         {status: http.StatusRequestTimeout, title: "Request timeout"},
	api.ProblemCodeBodyTooLarge:           {status: http.StatusRequestEntityTooLarge, title: "Body too large"},
	api.ProblemCodeUnsupportedMediaType:   {status: http.StatusUnsupportedMediaType, title: "Unsupported media type"},
	api.ProblemCodeValidationFailed:       {status: http.StatusUnprocessableEntity, title: "Validation failed"},
	api.ProblemCodeRateLimited:            {status: http.StatusTooManyRequests, title: "Too many requests", retryAfter: 1},
	api.ProblemCodeTooManyAttempts:        {status: http.StatusTooManyRequests, title: "Too many attempts", retryAfter: 1},
	api.ProblemCodeInternalError:          {status: http.StatusInternalServerError, title: "Internal error"},
	api.ProblemCodeOverloaded:             {status: http.StatusServiceUnavailable, title: "Overloaded", retryAfter: 2},
	api.ProblemCodeUnavailable:            {status: http.StatusServiceUnavailable, title: "Unavailable", retryAfter: 1},
	api.ProblemCodeNotReady:               {status: http.StatusServiceUnavailable, title: "Not ready", retryAfter: 1},
}

const bearer = `Bearer realm="api"` //nolint:gosec // G101: a challenge, not a credential

// problem is a failure in the words of the contract.
type problem struct {
	code       api.ProblemCode
	detail     string
	fields     []fieldError
	retryAfter time.Duration // where it is known how long to wait; 0 for what is said of its kind
	cause      error         // for the log only
}

func (p *problem) Error() string { return string(p.code) + ": " + p.detail }

func (p *problem) Unwrap() error { return p.cause }

func (p *problem) withDetail(detail string) *problem {
	changed := *p
	changed.detail = detail
	return &changed
}

func (p *problem) after(wait time.Duration) *problem {
	changed := *p
	changed.retryAfter = wait
	return &changed
}

func (p *problem) because(cause error) *problem {
	changed := *p
	changed.cause = cause
	return &changed
}

// The problems that never reach the domain.
var (
	errMalformed        = &problem{code: api.ProblemCodeMalformedRequest, detail: "The request cannot be read."}
	errRouteNotFound    = &problem{code: api.ProblemCodeRouteNotFound, detail: "There is nothing at this path."}
	errMethodNotAllowed = &problem{code: api.ProblemCodeMethodNotAllowed, detail: "This path does not have that method; see Allow."}
	errHungUp           = &problem{code: api.ProblemCodeMalformedRequest, detail: "The connection was closed before the answer."}
	errBodyTooLarge     = &problem{code: api.ProblemCodeBodyTooLarge, detail: "The body is larger than 64 KiB."}
	errUnsupportedMedia = &problem{code: api.ProblemCodeUnsupportedMediaType, detail: "The body must be application/json in UTF-8, uncompressed."}
	errInternal         = &problem{code: api.ProblemCodeInternalError, detail: "Something went wrong on our side. It has been reported."}
)

func validationProblem(found []fieldError) *problem {
	return &problem{
		code: api.ProblemCodeValidationFailed, detail: "The request breaks the contract; see errors.", fields: found,
	}
}

// toProblem says what an error means to the caller. What is not known to be theirs is ours, and internal. ctx is that of
// the connection: a caller who hung up has ended what we did for them, which is no fault of ours.
func toProblem(ctx context.Context, err error) *problem {
	if errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled) {
		return errHungUp.because(err)
	}
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if domainError, ok := errors.AsType[*domain.Error](err); ok {
		return &problem{
			code: api.ProblemCode(domainError.Code), detail: domainError.Message,
			fields: fromDomain(domainError.Fields), retryAfter: domainError.RetryAfter, cause: err,
		}
	}
	switch {
	case errors.Is(err, echo.ErrNotFound):
		return errRouteNotFound
	case errors.Is(err, echo.ErrMethodNotAllowed):
		return errMethodNotAllowed
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{code: api.ProblemCodeUnavailable, detail: domain.ErrUnavailable.Message, cause: err}
	default:
		return errInternal.because(err)
	}
}

// errorHandler is Echo's HTTPErrorHandler: the only place that writes an error, and logs it.
type errorHandler struct {
	logger   *slog.Logger
	reporter *telemetry.Sentry
	more     map[string]Problem // of another contract, see API
}

// kindOf returns what all problems of a code have in common, and whether there is such a code.
func (h *errorHandler) kindOf(code api.ProblemCode) (kind, bool) {
	if own, ok := h.more[string(code)]; ok {
		return kind{status: own.Status, title: own.Title}, true
	}
	known, ok := kinds[code]
	return known, ok
}

func (h *errorHandler) handle(err error, ctx echo.Context) {
	p := toProblem(ctx.Request().Context(), err)
	if ctx.Response().Committed {
		p = afterFirstByte(ctx.Request().Context(), p, err)
	}
	known, ok := h.kindOf(p.code)
	if !ok {
		p = errInternal.because(err)
		known = kinds[p.code]
	}
	h.report(ctx.Request(), ctx.Path(), known.status, p)
	if ctx.Response().Committed {
		return // too late to tell the caller; accessLog aborts the connection
	}
	if err := writeProblem(ctx, known, p); err != nil {
		h.logger.DebugContext(ctx.Request().Context(), "writing a problem", slog.Any("error", err))
	}
}

// afterFirstByte returns the problem of a response that cannot be finished. Any cause is ours, unless the client hung up, which
// lets writes fail.
func afterFirstByte(ctx context.Context, p *problem, err error) *problem {
	_, crashed := errors.AsType[*panicError](err)
	switch {
	case crashed || ctx.Err() == nil && kinds[p.code].status >= http.StatusInternalServerError:
		return p
	case errors.Is(ctx.Err(), context.Canceled):
		return errHungUp.because(err)
	default:
		return errInternal.because(err)
	}
}

// report logs what is our fault, once, and tells Sentry.
func (h *errorHandler) report(r *http.Request, route string, status int, p *problem) {
	if errors.Is(p, domain.ErrUnreadableHash) { // which its owner cannot tell from a wrong password
		h.logger.LogAttrs(r.Context(), slog.LevelWarn, "password hash unreadable", slog.Any("error", errors.Unwrap(p.cause)))
	}
	if status < http.StatusInternalServerError || p.code == api.ProblemCodeNotReady {
		return
	}
	var cause error = p
	if p.cause != nil {
		cause = p.cause
	}
	attrs := []slog.Attr{
		slog.String("code", string(p.code)), slog.String("method", r.Method), slog.String("route", route),
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

func writeProblem(ctx echo.Context, known kind, p *problem) error {
	header := ctx.Response().Header()
	if known.challenge != "" {
		header.Set(echo.HeaderWWWAuthenticate, known.challenge)
	}
	seconds := known.retryAfter
	if p.retryAfter > 0 {
		seconds = int((p.retryAfter + time.Second - 1) / time.Second)
	}
	if seconds > 0 {
		header.Set(echo.HeaderRetryAfter, strconv.Itoa(seconds))
	}
	if known.status == http.StatusRequestTimeout {
		header.Set(echo.HeaderConnection, "close") // RFC 9110, section 15.5.9
	}
	body, err := json.Marshal(api.Problem{
		Type:      "urn:problem-type:" + string(p.code),
		Title:     known.title,
		Status:    int32(known.status), //nolint:gosec // G115: an HTTP status
		Detail:    p.detail,
		Instance:  ctx.Request().URL.EscapedPath(),
		Code:      p.code,
		RequestID: telemetry.RequestID(ctx.Request().Context()),
		Errors:    toFieldErrors(p.fields),
	})
	if err != nil {
		return err
	}
	return ctx.Blob(known.status, mediaTypeProblem, body)
}
