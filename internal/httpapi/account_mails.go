package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
)

func (h *handlers) RequestVerification(
	ctx context.Context, _ api.RequestVerificationRequestObject,
) (api.RequestVerificationResponseObject, error) {
	if err := h.Users.RequestVerification(ctx, actorFrom(ctx)); err != nil {
		return nil, err
	}
	return api.RequestVerification202Response{}, nil
}

func (h *handlers) ConfirmVerification(
	ctx context.Context, request api.ConfirmVerificationRequestObject,
) (api.ConfirmVerificationResponseObject, error) {
	if err := h.Users.ConfirmVerification(ctx, request.Body.Token, clientFrom(ctx)); err != nil {
		return nil, err
	}
	return api.ConfirmVerification204Response{}, nil
}

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

func (h *handlers) ConfirmEmailChange(
	ctx context.Context, request api.ConfirmEmailChangeRequestObject,
) (api.ConfirmEmailChangeResponseObject, error) {
	if err := h.Users.ConfirmEmailChange(ctx, request.Body.Token, clientFrom(ctx)); err != nil {
		return nil, err
	}
	return api.ConfirmEmailChange204Response{}, nil
}

func (h *handlers) UndoEmailChange(
	ctx context.Context, request api.UndoEmailChangeRequestObject,
) (api.UndoEmailChangeResponseObject, error) {
	if err := h.Users.UndoEmailChange(ctx, request.Body.Token, clientFrom(ctx)); err != nil {
		return nil, err
	}
	return api.UndoEmailChange204Response{}, nil
}
