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
