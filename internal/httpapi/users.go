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

// ListUsers implements api.StrictServerInterface.
func (h *handlers) ListUsers(ctx context.Context, request api.ListUsersRequestObject) (api.ListUsersResponseObject, error) {
	query, err := toUserQuery(request.Params)
	if err != nil {
		return nil, err
	}
	limit := orDefault(request.Params.Limit, defaultLimit)
	page, err := h.users.ListUsers(ctx, actorFrom(ctx), query, int(limit))
	if err != nil {
		return nil, err
	}
	list := api.UserList{Items: make([]api.User, len(page.Users))}
	for i, user := range page.Users {
		list.Items[i] = toUser(user)
	}
	if page.Next != nil {
		cursor := encodeUserCursor(query.Sort, *page.Next)
		list.NextCursor = &cursor
	}
	return api.ListUsers200JSONResponse(list), nil
}

// defaultLimit is what the contract says of a list without a limit.
const defaultLimit = 20

func toUserQuery(params api.ListUsersParams) (domain.UserQuery, error) {
	query := domain.UserQuery{
		Sort:     domain.UserSort(orDefault(params.Sort, api.ListUsersParamsSortCreatedAt)),
		Role:     (*domain.Role)(params.Role),
		IsActive: params.IsActive,
	}
	if params.Cursor != nil {
		after, err := decodeUserCursor(query.Sort, *params.Cursor)
		if err != nil {
			return domain.UserQuery{}, errInvalidCursor.because(err)
		}
		query.After = &after
	}
	return query, nil
}

func orDefault[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
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
