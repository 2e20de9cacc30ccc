package ratelimit

import (
	"context"
	"log/slog"
)

// LogChanges returns an [Options] OnChange that logs when Redis fails and when it answers again.
func LogChanges(logger *slog.Logger) func(ctx context.Context, err error) {
	return func(ctx context.Context, err error) {
		if err != nil {
			logger.WarnContext(ctx, "redis does not answer, each replica counts requests by itself",
				slog.Any("error", err))
			return
		}
		logger.InfoContext(ctx, "redis answers again")
	}
}
