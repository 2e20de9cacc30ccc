package httpapi

import (
	"errors"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/auth"
)

// authenticate finds out who calls, and refuses who may not, by what the contract says of the operation. Routes outside
// of the contract, see checkRoutes, are public.
//
// Requests are counted by account once the token is known to be ours, and before the database is asked: whoever is over
// the limit costs no query. Tokens of sessions that have ended lately cost none either, and do not count for the account.
func authenticate(c *contract, deps Dependencies, l *limits) echo.MiddlewareFunc {
	ended := &endedSessions{now: deps.Now}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			r := ctx.Request()
			op := c.operation(ctx)
			if op == nil {
				return next(ctx)
			}
			token, err := auth.ParseBearer(r.Header.Values(echo.HeaderAuthorization))
			if errors.Is(err, auth.ErrMultipleCredentials) {
				return errMalformed.WithDetail("Send one Authorization header.")
			}
			if op.IsPublic() {
				return next(ctx)
			}
			if errors.Is(err, auth.ErrNoToken) {
				return domain.ErrUnauthenticated
			}
			if err != nil {
				return domain.ErrInvalidToken.Because(err)
			}
			bearer, err := deps.Sessions.Identify(token)
			if err != nil {
				return err
			}
			if ended.has(bearer) {
				return domain.ErrInvalidToken
			}
			if err := l.byAccount(ctx, op, bearer.UserID); err != nil {
				return err
			}
			actor, err := deps.Sessions.Actor(r.Context(), bearer)
			if errors.Is(err, domain.ErrInvalidToken) {
				ended.add(bearer)
			}
			if err != nil {
				return err
			}
			caller := callerFrom(r.Context())
			actor.Client = caller.client
			if err := deps.Sessions.Authorize(r.Context(), actor, domain.Role(op.Role)); err != nil {
				return err
			}
			caller.actor, caller.bearer = actor, bearer
			return next(ctx)
		}
	}
}
