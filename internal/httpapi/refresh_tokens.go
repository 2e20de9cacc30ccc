package httpapi

import (
	"context"
	"errors"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
)

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
