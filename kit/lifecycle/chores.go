package lifecycle

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"example.com/plinth/internal/domain"
)

// choreInterval is about how often chores are done.
const choreInterval = time.Minute

// chore is what a server does beside answering. Every replica does all of them, so none may get into the way of another
// replica's, and what it leaves undone is there the next time.
type chore struct {
	name string
	do   func(ctx context.Context) error
}

// chores are those of this service.
func chores(services domain.Services, logger *slog.Logger) []chore {
	return []chore{
		{"cleaning up sessions", func(ctx context.Context) error {
			done, err := services.Sessions.CleanUpSessions(ctx)
			logger.DebugContext(ctx, "sessions cleaned up",
				slog.Int("successors_cleared", done.Cleared), slog.Int("sessions_purged", done.Purged))
			return err
		}},
		{"pruning audit events", func(ctx context.Context) error {
			pruned, err := services.Audit.PruneOldAuditEvents(ctx)
			logger.DebugContext(ctx, "audit events pruned", slog.Int("pruned", pruned))
			return err
		}},
		{"purging throttles", func(ctx context.Context) error {
			purged, err := services.Throttles.PurgeThrottles(ctx)
			logger.DebugContext(ctx, "throttles purged", slog.Int("purged", purged))
			return err
		}},
	}
}

// doChores does them one after the other, about once an interval, until ctx ends. The intervals are uneven, so that
// replicas that were started together do not all come at once.
func doChores(ctx context.Context, interval time.Duration, logger *slog.Logger, chores []chore) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval/2 + rand.N(interval)): //nolint:gosec // G404: jitter need not be unpredictable
		}
		for _, chore := range chores {
			if err := chore.do(ctx); err != nil && ctx.Err() == nil {
				logger.WarnContext(ctx, "chore failed", slog.String("chore", chore.name), slog.Any("error", cause(err)))
			}
		}
	}
}
