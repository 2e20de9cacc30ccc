package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
)

const (
	// heldFor is how long after its request a refusal comes, so that clients who try again at once cannot spend the
	// processor on refusals.
	heldFor = 500 * time.Millisecond
	// maxHeld bounds the requests that wait for nothing else. Beyond it refusals are immediate.
	maxHeld = 512
)

// shed turns strangers away whose request needs a password hash while as many as may wait for one already do: before
// their bodies are read and the database is asked. Whoever has an account is left to the hashing gate, since not every
// change of an account needs a hash. A refusal of either is held back, which costs next to nothing.
func shed(c *contract, deps Dependencies) echo.MiddlewareFunc {
	held := make(chan struct{}, maxHeld)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op == nil || !op.mayHash() {
				return next(ctx)
			}
			started := deps.Now()
			var err error = domain.ErrOverloaded
			if !op.IsPublic() || !deps.Sessions.Shed() {
				err = next(ctx)
			}
			if errors.Is(err, domain.ErrOverloaded) {
				hold(ctx.Request().Context(), held, heldFor-deps.Now().Sub(started))
			}
			return err
		}
	}
}

// hold waits, unless too many do, or until whoever asked has gone.
func hold(ctx context.Context, held chan struct{}, wait time.Duration) {
	select {
	case held <- struct{}{}:
		defer func() { <-held }()
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
