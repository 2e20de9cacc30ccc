package httpapi

import (
	"context"
	"net/netip"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

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
