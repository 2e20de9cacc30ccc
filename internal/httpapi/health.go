package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
)

// Health is what the health operations tell.
type Health struct {
	Name    string
	Version string
	// Ready returns nil while the service should get traffic, and a not_ready error that names what is missing otherwise.
	Ready func(ctx context.Context) error
}

// GetHealth implements api.StrictServerInterface.
func (h *handlers) GetHealth(context.Context, api.GetHealthRequestObject) (api.GetHealthResponseObject, error) {
	return api.GetHealth200JSONResponse{Status: api.HealthStatusOk, Name: h.health.Name, Version: h.health.Version}, nil
}

// GetReadiness implements api.StrictServerInterface.
func (h *handlers) GetReadiness(
	ctx context.Context, _ api.GetReadinessRequestObject,
) (api.GetReadinessResponseObject, error) {
	if err := h.health.Ready(ctx); err != nil {
		return nil, err
	}
	return api.GetReadiness200JSONResponse{Status: api.ReadinessStatusReady}, nil
}
