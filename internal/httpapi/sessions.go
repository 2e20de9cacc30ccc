package httpapi

import (
	"context"
	"errors"
	"net/netip"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

func (h *handlers) RegisterUser(
	ctx context.Context, request api.RegisterUserRequestObject,
) (api.RegisterUserResponseObject, error) {
	tokens, err := h.Sessions.RegisterUser(ctx, domain.Registration{
		Email: request.Body.Email, Password: request.Body.Password, Name: request.Body.Name,
	}, clientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.RegisterUser201JSONResponse(toTokenResponse(ctx, tokens)), nil
}

func (h *handlers) LoginUser(
	ctx context.Context, request api.LoginUserRequestObject,
) (api.LoginUserResponseObject, error) {
	client := clientFrom(ctx)
	client.DeviceToken = deviceCookie(ctx)
	if token := request.Body.DeviceToken; token != nil {
		client.DeviceToken = *token
	}
	tokens, err := h.Sessions.LoginUser(ctx, request.Body.Email, request.Body.Password, client)
	if err != nil {
		return nil, err
	}
	return api.LoginUser200JSONResponse(toTokenResponse(ctx, tokens)), nil
}

func (h *handlers) RefreshTokens(
	ctx context.Context, request api.RefreshTokensRequestObject,
) (api.RefreshTokensResponseObject, error) {
	token, err := refreshToken(ctx, request.Body)
	if err != nil {
		return nil, err
	}
	tokens, err := h.Sessions.RefreshTokens(ctx, token, clientFrom(ctx))
	if errors.Is(err, domain.ErrInvalidRefreshToken) {
		clearRefreshCookie(ctx)
	}
	if err != nil {
		return nil, err
	}
	return api.RefreshTokens200JSONResponse(toTokenResponse(ctx, tokens)), nil
}

// maxLogouts bounds the sessions that a logout ends if other hosts of the site have set cookies of
// the same name.
const maxLogouts = 4

func (h *handlers) LogoutUser(
	ctx context.Context, request api.LogoutUserRequestObject,
) (api.LogoutUserResponseObject, error) {
	tokens, err := refreshTokens(ctx, (*api.RefreshTokensRequest)(request.Body))
	if err != nil {
		return nil, err
	}
	for _, token := range tokens[:min(len(tokens), maxLogouts)] {
		if err := h.Sessions.LogoutUser(ctx, token, clientFrom(ctx)); err != nil {
			return nil, err
		}
	}
	clearRefreshCookie(ctx)
	return api.LogoutUser204Response{}, nil
}

func (h *handlers) LogoutAllSessions(
	ctx context.Context, _ api.LogoutAllSessionsRequestObject,
) (api.LogoutAllSessionsResponseObject, error) {
	if err := h.Sessions.LogoutAllSessions(ctx, actorFrom(ctx)); err != nil {
		return nil, err
	}
	clearRefreshCookie(ctx)
	return api.LogoutAllSessions204Response{}, nil
}

func (h *handlers) ListCurrentUserSessions(
	ctx context.Context, _ api.ListCurrentUserSessionsRequestObject,
) (api.ListCurrentUserSessionsResponseObject, error) {
	actor := actorFrom(ctx)
	sessions, err := h.Sessions.ListCurrentUserSessions(ctx, actor)
	if err != nil {
		return nil, err
	}
	return api.ListCurrentUserSessions200JSONResponse{
		Items: paging.Convert(sessions, func(session domain.Session) api.Session { return toSession(session, actor) }),
	}, nil
}

func (h *handlers) RevokeCurrentUserSession(
	ctx context.Context, request api.RevokeCurrentUserSessionRequestObject,
) (api.RevokeCurrentUserSessionResponseObject, error) {
	if err := h.Sessions.RevokeCurrentUserSession(ctx, actorFrom(ctx), request.ID); err != nil {
		return nil, err
	}
	return api.RevokeCurrentUserSession204Response{}, nil
}

func (h *handlers) RevokeUserSessions(
	ctx context.Context, request api.RevokeUserSessionsRequestObject,
) (api.RevokeUserSessionsResponseObject, error) {
	if err := h.Sessions.RevokeUserSessions(ctx, actorFrom(ctx), request.ID); err != nil {
		return nil, err
	}
	return api.RevokeUserSessions204Response{}, nil
}

func toSession(session domain.Session, actor domain.Actor) api.Session {
	return api.Session{
		ID:         session.ID,
		IP:         toIP(session.IP),
		LastIP:     toIP(session.LastIP),
		UserAgent:  session.UserAgent,
		CreatedAt:  session.CreatedAt.UTC(),
		LastUsedAt: session.LastUsedAt.UTC(),
		Current:    session.ID == actor.SessionID,
	}
}

func toIP(ip *netip.Addr) *string {
	if ip == nil {
		return nil
	}
	text := ip.String()
	return &text
}
