package httpkit

import (
	"context"

	"github.com/labstack/echo/v4"
)

// SetCaller sets the [Caller] of a request, as [RequestID] does.
func SetCaller(ctx echo.Context) {
	setContext(ctx, context.WithValue(ctx.Request().Context(), callerKey{}, &Caller{}))
}
