package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
)

func (h *handlers) RefreshTokens(
	ctx context.Context, request api.RefreshTokensRequestObject,
) (api.RefreshTokensResponseObject, error) {
	tokens, err := h.Sessions.RefreshTokens(ctx, request.Body.RefreshToken, clientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.RefreshTokens200JSONResponse(toTokenResponse(tokens)), nil
}

func toTokenResponse(tokens domain.Tokens) api.TokenResponse {
	var device *api.DeviceToken
	if text := tokens.Device.Reveal(); text != "" {
		device = &text
	}
	return api.TokenResponse{
		DeviceToken:  device,
		AccessToken:  tokens.Access,
		RefreshToken: tokens.Refresh.Reveal(),
		TokenType:    api.TokenResponseTokenTypeBearer,
		ExpiresIn:    int32(tokens.ExpiresIn.Seconds()),
	}
}
