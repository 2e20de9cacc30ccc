package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
)

// GetCurrentUser implements api.StrictServerInterface.
func (h *handlers) GetCurrentUser(
	ctx context.Context, _ api.GetCurrentUserRequestObject,
) (api.GetCurrentUserResponseObject, error) {
	user, err := h.users.GetCurrentUser(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetCurrentUser200JSONResponse(toUser(user)), nil
}

// UpdateCurrentUser implements api.StrictServerInterface.
func (h *handlers) UpdateCurrentUser(
	ctx context.Context, request api.UpdateCurrentUserRequestObject,
) (api.UpdateCurrentUserResponseObject, error) {
	change := domain.CurrentUserChange{Email: request.Body.Email, Password: request.Body.Password}
	if request.Body.Name.IsSpecified() {
		change.SetName = true
		if name, err := request.Body.Name.Get(); err == nil { // the error means null
			change.Name = &name
		}
	}
	user, err := h.users.UpdateCurrentUser(ctx, actorFrom(ctx), change)
	if err != nil {
		return nil, err
	}
	return api.UpdateCurrentUser200JSONResponse(toUser(user)), nil
}

// GetUser implements api.StrictServerInterface.
func (h *handlers) GetUser(ctx context.Context, request api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	user, err := h.users.GetUser(ctx, actorFrom(ctx), request.ID)
	if err != nil {
		return nil, err
	}
	return api.GetUser200JSONResponse(toUser(user)), nil
}

func toUser(user domain.User) api.User {
	return api.User{
		ID:        user.ID,
		Email:     user.Email,
		Name:      user.Name,
		Role:      api.UserRole(user.Role),
		IsActive:  user.IsActive,
		CreatedAt: user.CreatedAt.UTC(),
		UpdatedAt: user.UpdatedAt.UTC(),
	}
}
