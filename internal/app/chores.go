package app

import (
	"context"
	"log/slog"
	"time"

	"example.com/plinth/kit/lifecycle"
)

const choreInterval = time.Minute

// Chores returns the periodic work of the service.
func (a *App) Chores() []lifecycle.Chore {
	logger := a.logger()
	return []lifecycle.Chore{
		{Name: "cleaning up sessions", Do: func(ctx context.Context) error {
			done, err := a.Services.Sessions.CleanUpSessions(ctx)
			logger.DebugContext(ctx, "sessions cleaned up",
				slog.Int("successors_cleared", done.Cleared), slog.Int("sessions_purged", done.Purged))
			return cause(err)
		}},
		// scaffold:begin audit
		{Name: "pruning audit events", Do: func(ctx context.Context) error {
			pruned, err := a.Services.Audit.PruneOldAuditEvents(ctx)
			logger.DebugContext(ctx, "audit events pruned", slog.Int("pruned", pruned))
			return cause(err)
		}},
		// scaffold:end audit
		{Name: "purging throttles", Do: func(ctx context.Context) error {
			purged, err := a.Services.Throttles.PurgeThrottles(ctx)
			logger.DebugContext(ctx, "throttles purged", slog.Int("purged", purged))
			return cause(err)
		}},
	}
}
