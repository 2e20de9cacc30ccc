package app

import (
	"context"
	"log/slog"
	"net/http"

	"example.com/plinth/internal/telemetry"
)

// MetricsHandler is what METRICS_ADDR serves.
func MetricsHandler(metrics *telemetry.Metrics) http.Handler { return metricsHandler(metrics) }

// Readiness is what a running server knows of itself.
type Readiness = readiness

// NewReadiness returns the readiness of a server on the given database, which has not answered yet.
func NewReadiness(database database) *Readiness { return newReadiness(database) }

// Await waits for the database.
func (r *readiness) Await(ctx context.Context, logger *slog.Logger) error {
	return r.await(ctx, logger)
}

// Check is the answer of a health check.
func (r *readiness) Check(ctx context.Context) error { return r.check(ctx) }

// Drain is the beginning of the end.
func (r *readiness) Drain() { r.drain() }
