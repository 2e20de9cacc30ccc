package httpkit

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
)

const (
	// refusalDelay delays the refusal of an overloaded server, so that clients that retry at once
	// do not use up the processor.
	refusalDelay = 500 * time.Millisecond
	// maxDelayed bounds the requests that are only delayed. Beyond it refusals are immediate.
	maxDelayed = 512
)

// Shedding configures [Shed].
type Shedding struct {
	Classes []string    // rate classes of expensive operations
	IsFull  func() bool // reports whether the queue of expensive work is full
	Error   error       // that refuses a request, here and in handlers
	Now     func() time.Time
}

// Shed rejects public requests of expensive operations while the queue is full, before their bodies
// are read. Requests with an account go on, because not all are expensive. Refusals are delayed,
// also those of handlers.
func Shed(contract *apispec.Contract, shedding Shedding) echo.MiddlewareFunc {
	delayed := make(chan struct{}, maxDelayed)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op == nil || !slices.Contains(shedding.Classes, op.RateClass) {
				return next(ctx)
			}
			started := shedding.Now()
			err := shedding.Error
			if !op.IsPublic() || !shedding.IsFull() {
				err = next(ctx)
			}
			if errors.Is(err, shedding.Error) {
				delay(ctx.Request().Context(), delayed, refusalDelay-shedding.Now().Sub(started))
			}
			return err
		}
	}
}

// delay waits until ctx ends, unless too many requests wait.
func delay(ctx context.Context, delayed chan struct{}, wait time.Duration) {
	select {
	case delayed <- struct{}{}:
		defer func() { <-delayed }()
	default:
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
