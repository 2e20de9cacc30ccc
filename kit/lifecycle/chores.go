package lifecycle

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Chore is periodic work beside requests. Every replica runs every chore, so chores must not block
// each other across replicas, and must continue where an earlier run stopped.
type Chore struct {
	Name string // for the log: purging throttles
	Do   func(ctx context.Context) error
}

// RunChores runs chores one after the other, about once each interval, until ctx ends. It logs
// failures. The intervals vary by half, so that replicas that started together do not run in step.
func RunChores(ctx context.Context, interval time.Duration, chores []Chore, logger *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval/2 + rand.N(interval)): //nolint:gosec // G404: jitter need not be unpredictable
		}
		for _, chore := range chores {
			if err := chore.Do(ctx); err != nil && ctx.Err() == nil {
				logger.WarnContext(ctx, "chore failed", slog.String("chore", chore.Name), slog.Any("error", err))
			}
		}
	}
}
