package httpapi

import (
	"errors"
	"log/slog"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/problem"
)

// translate returns the problem of an error of the domain. Other errors are internal.
func translate(err error) (*problem.Problem, bool) {
	domainError, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return nil, false
	}
	p := &problem.Problem{
		Code: string(domainError.Code), Detail: domainError.Message, RetryAfter: domainError.RetryAfter, Cause: err,
	}
	for _, field := range domainError.Fields {
		p.Fields = append(p.Fields, problem.FieldError{Pointer: field.Pointer, Code: field.Code, Detail: field.Message})
	}
	return p, true
}

// logUnreadableHashes logs logins that fail because a password hash is unreadable. Their owner
// cannot distinguish them from a wrong password.
func logUnreadableHashes(logger *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			err := next(ctx)
			if errors.Is(err, domain.ErrUnreadableHash) {
				logger.WarnContext(ctx.Request().Context(), "password hash unreadable", slog.Any("error", errors.Unwrap(err)))
			}
			return err
		}
	}
}
