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
	user, err := h.Users.GetCurrentUser(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetCurrentUser200JSONResponse{
		Body: toUser(user), Headers: api.GetCurrentUser200ResponseHeaders{ETag: etag(user.Version)},
	}, nil
}

// UpdateCurrentUser implements api.StrictServerInterface.
func (h *handlers) UpdateCurrentUser(
	ctx context.Context, request api.UpdateCurrentUserRequestObject,
) (api.UpdateCurrentUserResponseObject, error) {
	change := domain.CurrentUserChange{
		Email: request.Body.Email, Password: request.Body.Password, CurrentPassword: request.Body.CurrentPassword,
		OnlyIf: onlyIf(request.Params.IfMatch, request.Params.IfNoneMatch),
	}
	change.SetName, change.Name = fromNullable(request.Body.Name)
	user, err := h.Users.UpdateCurrentUser(ctx, actorFrom(ctx), change)
	if err != nil {
		return nil, err
	}
	return api.UpdateCurrentUser200JSONResponse{
		Body: toUser(user), Headers: api.UpdateCurrentUser200ResponseHeaders{ETag: etag(user.Version)},
	}, nil
}

// DeleteCurrentUser implements api.StrictServerInterface.
func (h *handlers) DeleteCurrentUser(
	ctx context.Context, request api.DeleteCurrentUserRequestObject,
) (api.DeleteCurrentUserResponseObject, error) {
	if err := h.Users.DeleteCurrentUser(ctx, actorFrom(ctx), request.Body.CurrentPassword); err != nil {
		return nil, err
	}
	return api.DeleteCurrentUser204Response{}, nil
}

// GetUser implements api.StrictServerInterface.
func (h *handlers) GetUser(ctx context.Context, request api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	user, err := h.Users.GetUser(ctx, actorFrom(ctx), request.ID)
	if err != nil {
		return nil, err
	}
	return api.GetUser200JSONResponse{
		Body: toUser(user), Headers: api.GetUser200ResponseHeaders{ETag: etag(user.Version)},
	}, nil
}

// UpdateUser implements api.StrictServerInterface.
func (h *handlers) UpdateUser(
	ctx context.Context, request api.UpdateUserRequestObject,
) (api.UpdateUserResponseObject, error) {
	change := domain.UserChange{
		Role: (*domain.Role)(request.Body.Role), IsActive: request.Body.IsActive,
		OnlyIf: onlyIf(request.Params.IfMatch, request.Params.IfNoneMatch),
	}
	change.SetName, change.Name = fromNullable(request.Body.Name)
	user, err := h.Users.UpdateUser(ctx, actorFrom(ctx), request.ID, change)
	if err != nil {
		return nil, err
	}
	return api.UpdateUser200JSONResponse{
		Body: toUser(user), Headers: api.UpdateUser200ResponseHeaders{ETag: etag(user.Version)},
	}, nil
}

// ListUsers implements api.StrictServerInterface.
func (h *handlers) ListUsers(ctx context.Context, request api.ListUsersRequestObject) (api.ListUsersResponseObject, error) {
	query, err := toUserQuery(request.Params)
	if err != nil {
		return nil, err
	}
	limit := orDefault(request.Params.Limit, defaultLimit)
	page, err := h.Users.ListUsers(ctx, actorFrom(ctx), query, int(limit))
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

func toUserQuery(params api.ListUsersParams) (domain.UserQuery, error) {
	query := domain.UserQuery{
		Sort:     domain.UserSort(orDefault(params.Sort, api.ListUsersParamsSortCreatedAt)),
		Role:     (*domain.Role)(params.Role),
		IsActive: params.IsActive,
		Search:   orDefault(params.Search, ""),
	}
	if params.Cursor != nil {
		after, err := decodeUserCursor(query.Sort, *params.Cursor)
		if err != nil {
			return domain.UserQuery{}, err
		}
		query.After = &after
	}
	return query, nil
}

// userOrder names an order of users in a cursor.
func userOrder(sort domain.UserSort) string { return "users by " + string(sort) }

func encodeUserCursor(sort domain.UserSort, at domain.UserPosition) string {
	if sort == domain.UsersByEmail {
		return encodeCursor(userOrder(sort), at.Email)
	}
	return encodeAgeCursor(userOrder(sort), at.CreatedAt, at.ID)
}

func decodeUserCursor(sort domain.UserSort, cursor string) (at domain.UserPosition, err error) {
	if sort != domain.UsersByEmail {
		at.CreatedAt, at.ID, err = decodeAgeCursor(userOrder(sort), cursor)
		return at, err
	}
	values, err := decodeCursor(userOrder(sort), cursor, 1)
	if err != nil || domain.CheckEmail(values[0]) != nil {
		return at, errInvalidCursor
	}
	return domain.UserPosition{Email: values[0]}, nil
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
