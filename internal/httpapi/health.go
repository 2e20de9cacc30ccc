package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
)

// Health is what the health operations report.
type Health struct {
	Name    string
	Version string
	// Ready returns what does not work although the service can serve traffic. Otherwise it returns a
	// not_ready error that says what is missing.
	Ready func(ctx context.Context) (degraded []string, err error)
}

func (h *handlers) GetHealth(context.Context, api.GetHealthRequestObject) (api.GetHealthResponseObject, error) {
	return api.GetHealth200JSONResponse{Status: api.HealthStatusOk, Name: h.health.Name, Version: h.health.Version}, nil
}

func (h *handlers) GetReadiness(
	ctx context.Context, _ api.GetReadinessRequestObject,
) (api.GetReadinessResponseObject, error) {
	degraded, err := h.health.Ready(ctx)
	if err != nil {
		return nil, err
	}
	status := api.ReadinessStatusReady
	if len(degraded) > 0 {
		status = api.ReadinessStatusDegraded
	}
	return api.GetReadiness200JSONResponse{Status: status, Degraded: degraded}, nil
}
