package httpapi

import (
	"context"
	"time"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

func (h *handlers) GetCurrentUser(
	ctx context.Context, _ api.GetCurrentUserRequestObject,
) (api.GetCurrentUserResponseObject, error) {
	user, err := h.Users.GetCurrentUser(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetCurrentUser200JSONResponse{
		Body: toUser(user), Headers: api.GetCurrentUser200ResponseHeaders{ETag: httpkit.ETag(user.Version)},
	}, nil
}

func (h *handlers) UpdateCurrentUser(
	ctx context.Context, request api.UpdateCurrentUserRequestObject,
) (api.UpdateCurrentUserResponseObject, error) {
	change := domain.CurrentUserChange{
		Email: request.Body.Email, Password: request.Body.Password, CurrentPassword: request.Body.CurrentPassword,
		OnlyIf: httpkit.OnlyIf(request.Params.IfMatch, request.Params.IfNoneMatch),
	}
	change.SetName, change.Name = fromNullable(request.Body.Name)
	user, err := h.Users.UpdateCurrentUser(ctx, actorFrom(ctx), change)
	if err != nil {
		return nil, err
	}
	return api.UpdateCurrentUser200JSONResponse{
		Body: toUser(user), Headers: api.UpdateCurrentUser200ResponseHeaders{ETag: httpkit.ETag(user.Version)},
	}, nil
}

func (h *handlers) DeleteCurrentUser(
	ctx context.Context, request api.DeleteCurrentUserRequestObject,
) (api.DeleteCurrentUserResponseObject, error) {
	if err := h.Users.DeleteCurrentUser(ctx, actorFrom(ctx), request.Body.CurrentPassword); err != nil {
		return nil, err
	}
	clearRefreshCookie(ctx)
	return api.DeleteCurrentUser204Response{}, nil
}

func (h *handlers) GetUser(ctx context.Context, request api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	user, err := h.Users.GetUser(ctx, actorFrom(ctx), request.ID)
	if err != nil {
		return nil, err
	}
	return api.GetUser200JSONResponse{
		Body: toUser(user), Headers: api.GetUser200ResponseHeaders{ETag: httpkit.ETag(user.Version)},
	}, nil
}

func (h *handlers) UpdateUser(
	ctx context.Context, request api.UpdateUserRequestObject,
) (api.UpdateUserResponseObject, error) {
	change := domain.UserChange{
		Role: (*domain.Role)(request.Body.Role), IsActive: request.Body.IsActive,
		OnlyIf: httpkit.OnlyIf(request.Params.IfMatch, request.Params.IfNoneMatch),
	}
	change.SetName, change.Name = fromNullable(request.Body.Name)
	user, err := h.Users.UpdateUser(ctx, actorFrom(ctx), request.ID, change)
	if err != nil {
		return nil, err
	}
	return api.UpdateUser200JSONResponse{
		Body: toUser(user), Headers: api.UpdateUser200ResponseHeaders{ETag: httpkit.ETag(user.Version)},
	}, nil
}

func (h *handlers) ListUsers(
	ctx context.Context, request api.ListUsersRequestObject,
) (api.ListUsersResponseObject, error) {
	query, order, err := toUserQuery(request.Params)
	if err != nil {
		return nil, err
	}
	page, err := h.Users.ListUsers(ctx, actorFrom(ctx), query)
	if err != nil {
		return nil, err
	}
	return api.ListUsers200JSONResponse{
		Items: paging.Convert(page.Items, toUser), NextCursor: order.Next(page.Next),
	}, nil
}

func (h *handlers) ClearUserThrottle(
	ctx context.Context, request api.ClearUserThrottleRequestObject,
) (api.ClearUserThrottleResponseObject, error) {
	if err := h.Throttles.ClearUserThrottle(ctx, actorFrom(ctx), request.ID); err != nil {
		return nil, err
	}
	return api.ClearUserThrottle204Response{}, nil
}

func toUserQuery(params api.ListUsersParams) (domain.UserQuery, paging.Order, error) {
	sort := domain.UserSort(orDefault(params.Sort, api.ListUsersParamsSortCreatedAt))
	order := userOrder(sort)
	selected, err := toRange(order, params.Cursor, params.Limit)
	return domain.UserQuery{
		Range: selected, Sort: sort, Role: (*domain.Role)(params.Role), IsActive: params.IsActive,
		Search: orDefault(params.Search, ""),
	}, order, err
}

func userOrder(sort domain.UserSort) paging.Order {
	if sort == domain.UsersByEmail {
		return paging.ByText("users by email", func(email string) bool { return domain.CheckEmail(email) == nil })
	}
	return paging.ByTime("users by created_at", idgen.Valid)
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

		EmailVerifiedAt: inUTC(user.EmailVerifiedAt),
		PendingEmail:    user.PendingEmail,
	}
}

func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}
