package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
)

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
