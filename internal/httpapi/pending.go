package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
)

// Operations of the contract that are on their way: each moves to the file of its noun as it is built.

// GetJSONWebKeySet implements api.StrictServerInterface.
func (*handlers) GetJSONWebKeySet(context.Context, api.GetJSONWebKeySetRequestObject) (api.GetJSONWebKeySetResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// LogoutUser implements api.StrictServerInterface.
func (*handlers) LogoutUser(context.Context, api.LogoutUserRequestObject) (api.LogoutUserResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// LogoutAllSessions implements api.StrictServerInterface.
func (*handlers) LogoutAllSessions(context.Context, api.LogoutAllSessionsRequestObject) (api.LogoutAllSessionsResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// DeleteCurrentUser implements api.StrictServerInterface.
func (*handlers) DeleteCurrentUser(context.Context, api.DeleteCurrentUserRequestObject) (api.DeleteCurrentUserResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// ListCurrentUserSessions implements api.StrictServerInterface.
func (*handlers) ListCurrentUserSessions(context.Context, api.ListCurrentUserSessionsRequestObject) (api.ListCurrentUserSessionsResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// RevokeCurrentUserSession implements api.StrictServerInterface.
func (*handlers) RevokeCurrentUserSession(context.Context, api.RevokeCurrentUserSessionRequestObject) (api.RevokeCurrentUserSessionResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// UpdateUser implements api.StrictServerInterface.
func (*handlers) UpdateUser(context.Context, api.UpdateUserRequestObject) (api.UpdateUserResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// RevokeUserSessions implements api.StrictServerInterface.
func (*handlers) RevokeUserSessions(context.Context, api.RevokeUserSessionsRequestObject) (api.RevokeUserSessionsResponseObject, error) {
	return nil, domain.ErrUnavailable
}

// ClearUserThrottle implements api.StrictServerInterface.
func (*handlers) ClearUserThrottle(context.Context, api.ClearUserThrottleRequestObject) (api.ClearUserThrottleResponseObject, error) {
	return nil, domain.ErrUnavailable
}
