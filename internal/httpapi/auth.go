package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/problem"
)

var errTwoCredentials = &problem.Problem{Code: problem.CodeMalformedRequest, Detail: "Send one Authorization header."}

// authenticator finds out who calls an operation, and whether they may.
type authenticator struct {
	sessions *domain.SessionService
	limits   *httpkit.Limits
	ended    *auth.EndedSessions
	// requireVerified refuses accounts with an unverified e-mail, except in operations that allow
	// them.
	requireVerified bool
}

func newAuthenticator(
	sessions *domain.SessionService, limits *httpkit.Limits, now func() time.Time, requireVerified bool,
) *authenticator {
	return &authenticator{
		sessions: sessions, limits: limits, ended: auth.NewEndedSessions(now), requireVerified: requireVerified,
	}
}

// principal is the caller of an operation that is not public.
type principal struct {
	actor  domain.Actor
	claims auth.AccessClaims
}

// authenticate is for [httpkit.Authenticate]. It counts requests once their token is known to be
// authentic, and before it queries the database. Tokens of sessions that ended lately cost neither.
func (a *authenticator) authenticate(ctx echo.Context, op *apispec.Operation) (httpkit.Identity, error) {
	claims, err := a.identify(ctx.Request().Header.Values(echo.HeaderAuthorization), op)
	if err != nil || op.IsPublic() {
		return httpkit.Identity{}, err
	}
	if err := a.limits.CountAccount(ctx, op, claims.UserID); err != nil {
		return httpkit.Identity{}, err
	}
	actor, err := a.load(ctx.Request().Context(), claims)
	if err != nil {
		return httpkit.Identity{}, err
	}
	if err := a.sessions.Authorize(ctx.Request().Context(), actor, domain.Role(op.Role)); err != nil {
		return httpkit.Identity{}, err
	}
	if a.requireVerified && !op.AllowsUnverified && actor.User.EmailVerifiedAt == nil {
		return httpkit.Identity{}, domain.ErrEmailNotVerified
	}
	return httpkit.Identity{Account: claims.UserID, Principal: &principal{actor, claims}}, nil
}

// identify returns the claims of the token, or none for public operations.
func (a *authenticator) identify(authorization []string, op *apispec.Operation) (auth.AccessClaims, error) {
	token, err := auth.ParseBearer(authorization)
	switch {
	case errors.Is(err, auth.ErrMultipleCredentials):
		return auth.AccessClaims{}, errTwoCredentials
	case op.IsPublic():
		return auth.AccessClaims{}, nil
	case errors.Is(err, auth.ErrNoToken):
		return auth.AccessClaims{}, domain.ErrUnauthenticated
	case err != nil:
		return auth.AccessClaims{}, domain.ErrInvalidToken.Because(err)
	}
	claims, err := a.sessions.Identify(token)
	if err == nil && a.ended.Has(claims) {
		err = domain.ErrInvalidToken
	}
	return claims, err
}

// load reads the user and the session of a token.
func (a *authenticator) load(ctx context.Context, claims auth.AccessClaims) (domain.Actor, error) {
	actor, err := a.sessions.Actor(ctx, claims)
	if errors.Is(err, domain.ErrInvalidToken) {
		a.ended.Add(claims)
	}
	actor.Client = clientFrom(ctx)
	return actor, err
}

// authorizeStream is for [httpkit.StreamOptions]. An unavailable database ends no stream.
func (a *authenticator) authorizeStream(ctx context.Context, op *apispec.Operation) error {
	actor, err := a.sessions.Actor(ctx, principalFrom(ctx).claims)
	if errors.Is(err, domain.ErrInvalidToken) || err == nil && !actor.HasRole(domain.Role(op.Role)) {
		return domain.ErrInvalidToken.Because(errors.New("the session ended during a stream"))
	}
	return nil
}

func principalFrom(ctx context.Context) *principal {
	if found, ok := httpkit.CallerOf(ctx).Principal.(*principal); ok {
		return found
	}
	return &principal{}
}

// actorFrom returns the actor of a request: the zero Actor, without a role, in public operations.
func actorFrom(ctx context.Context) domain.Actor { return principalFrom(ctx).actor }

// clientFrom returns the program that sent a request.
func clientFrom(ctx context.Context) domain.Client {
	caller := httpkit.CallerOf(ctx)
	return domain.Client{UserAgent: caller.UserAgent, IP: caller.IP, RequestID: caller.RequestID}
}

// keysCacheControl allows caching. Caches know a new key in time, because it is published one rotation
// before it signs. The time is short, because they also keep a key that was removed after a leak.
const keysCacheControl = "public, max-age=300"

func (h *handlers) GetJSONWebKeySet(
	ctx context.Context, _ api.GetJSONWebKeySetRequestObject,
) (api.GetJSONWebKeySetResponseObject, error) {
	keys := h.Keys.GetJSONWebKeySet(ctx)
	set := api.JSONWebKeySet{Keys: make([]api.JSONWebKey, len(keys))}
	for i, key := range keys {
		set.Keys[i] = toJSONWebKey(key)
	}
	return api.GetJSONWebKeySet200ApplicationJWKSetPlusJSONResponse{
		Body: set, Headers: api.GetJSONWebKeySet200ResponseHeaders{CacheControl: keysCacheControl},
	}, nil
}

func toJSONWebKey(key auth.PublicJWK) api.JSONWebKey {
	return api.JSONWebKey{
		Kty: api.JSONWebKeyKty(key.KeyType),
		Kid: key.KeyID,
		Alg: api.JSONWebKeyAlg(key.Algorithm),
		Use: api.JSONWebKeyUse(key.Use),
		Crv: orNone(key.Curve),
		X:   orNone(key.X),
		Y:   orNone(key.Y),
		N:   orNone(key.N),
		E:   orNone(key.E),
	}
}

// orNone returns nil for an empty member, which omits it.
func orNone(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
