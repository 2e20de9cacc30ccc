package httpapi

import "github.com/labstack/echo/v4"

// announceRetirement sends the dates of deprecated operations with every response.
func announceRetirement(c *contract) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op != nil && op.Retirement != nil {
				header := ctx.Response().Header()
				header.Set("Deprecation", op.Retirement.Deprecation)
				header.Set("Sunset", op.Retirement.Sunset)
			}
			return next(ctx)
		}
	}
}
