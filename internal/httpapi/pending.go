package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
)

// Operations of the contract that are on their way: each moves to the file of its noun as it is built.

// ClearUserThrottle implements api.StrictServerInterface.
func (*handlers) ClearUserThrottle(context.Context, api.ClearUserThrottleRequestObject) (api.ClearUserThrottleResponseObject, error) {
	return nil, domain.ErrUnavailable
}
