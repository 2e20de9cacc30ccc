package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
)

func (h *handlers) RequestPasswordReset(
	ctx context.Context, request api.RequestPasswordResetRequestObject,
) (api.RequestPasswordResetResponseObject, error) {
	if err := h.Users.RequestPasswordReset(ctx, request.Body.Email); err != nil {
		return nil, err
	}
	return api.RequestPasswordReset202Response{}, nil
}

func (h *handlers) ConfirmPasswordReset(
	ctx context.Context, request api.ConfirmPasswordResetRequestObject,
) (api.ConfirmPasswordResetResponseObject, error) {
	err := h.Users.ConfirmPasswordReset(ctx, request.Body.Token, request.Body.Password, clientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.ConfirmPasswordReset204Response{}, nil
}
