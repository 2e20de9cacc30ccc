package lifecycle

import (
	"context"
	"log/slog"
	"time"
)

const (
	// skewTolerance is the leeway of access tokens. With more skew, replicas reject each other's
	// tokens.
	skewTolerance = 30 * time.Second
	clockInterval = time.Minute
)

// Clock is a remote clock, such as a database's.
type Clock interface {
	Now(ctx context.Context) (time.Time, error)
}

// WatchClock compares now with the database's clock every minute until ctx ends. It logs a warning
// when they differ by more than 30 seconds, and a line when they agree again.
func WatchClock(ctx context.Context, database Clock, now func() time.Time, logger *slog.Logger) {
	ticker := time.NewTicker(clockInterval)
	defer ticker.Stop()
	skewed := false
	for {
		skew, err := clockSkew(ctx, database, now)
		switch {
		case err != nil: // readiness reports it
		case skew.Abs() > skewTolerance && !skewed:
			skewed = true
			logger.WarnContext(ctx, "the clock differs from the database's: set it, or access tokens will be refused",
				slog.Float64("ahead_seconds", skew.Seconds()))
		case skew.Abs() <= skewTolerance && skewed:
			skewed = false
			logger.InfoContext(ctx, "the clock agrees with the database's again")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// clockSkew returns how far now is ahead of the database's clock, at least: the query takes an
// unknown part of its time each way.
func clockSkew(ctx context.Context, database Clock, now func() time.Time) (time.Duration, error) {
	before := now()
	theirs, err := database.Now(ctx)
	if err != nil {
		return 0, err
	}
	after := now()
	switch {
	case theirs.Before(before):
		return before.Sub(theirs), nil
	case theirs.After(after):
		return after.Sub(theirs), nil
	}
	return 0, nil
}
