package pgkit

import (
	"context"
	"log/slog"
	"time"
)

// LogQueries returns an [Options] OnQuery that logs each statement on the level DEBUG.
func LogQueries(logger *slog.Logger) func(ctx context.Context, sql string, took time.Duration, err error) {
	return func(ctx context.Context, sql string, took time.Duration, err error) {
		logger.DebugContext(ctx, "query", slog.String("sql", sql),
			slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Bool("failed", err != nil))
	}
}

// LogMissingLimits logs the result of [Pool.MissingLimits] unless it is empty.
func LogMissingLimits(ctx context.Context, logger *slog.Logger, missing []string, err error) {
	switch {
	case err != nil:
		logger.WarnContext(ctx, "cannot tell the limits of database connections", slog.Any("error", err))
	case len(missing) > 0:
		logger.WarnContext(ctx, "database connections have no limits: set them for the role, see docs/scaling.md",
			slog.Any("missing", missing))
	}
}
