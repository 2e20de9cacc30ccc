package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
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
