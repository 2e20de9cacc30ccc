package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
)

func (h *handlers) ClearUserThrottle(
	ctx context.Context, request api.ClearUserThrottleRequestObject,
) (api.ClearUserThrottleResponseObject, error) {
	if err := h.Throttles.ClearUserThrottle(ctx, actorFrom(ctx), request.ID); err != nil {
		return nil, err
	}
	return api.ClearUserThrottle204Response{}, nil
}
