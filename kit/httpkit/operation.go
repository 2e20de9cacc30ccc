package httpkit

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
)

// operationOf returns the operation of a request, or nil for a route outside of the contract.
func operationOf(contract *apispec.Contract, ctx echo.Context) *apispec.Operation {
	return contract.Find(ctx.Request().Method, ctx.Path())
}

// Chain returns one middleware of many, the first outermost. Echo would build the chain for each
// request, which costs an allocation for each link.
func Chain(links ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	chain := echo.HandlerFunc(func(ctx echo.Context) error { return ctx.Handler()(ctx) })
	for _, link := range slices.Backward(links) {
		chain = link(chain)
	}
	return func(echo.HandlerFunc) echo.HandlerFunc { return chain }
}

func pass(next echo.HandlerFunc) echo.HandlerFunc { return next }

func setContext(ctx echo.Context, c context.Context) { //nolint:revive // echo's context comes first here
	ctx.SetRequest(ctx.Request().WithContext(c))
}
