package lifecycle

import (
	"context"
	"log/slog"
	"time"
)

const (
	// skewTolerance is how far our clock may be from the database's: as far as the leeway of access tokens goes. Beyond,
	// replicas refuse each other's.
	skewTolerance = 30 * time.Second
	clockInterval = time.Minute
)

// timekeeper is whose clock sessions go by.
type timekeeper interface {
	Now(ctx context.Context) (time.Time, error)
}

// watchClock warns when our clock and the database's differ too much, and says when they agree again, until ctx ends.
func watchClock(ctx context.Context, database timekeeper, now func() time.Time, logger *slog.Logger) {
	ticker := time.NewTicker(clockInterval)
	defer ticker.Stop()
	skewed := false
	for {
		skew, err := clockSkew(ctx, database, now)
		switch {
		case err != nil: // readiness tells of that
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

// clockSkew is how far our clock is ahead, as far as that can be told: the answer took its time, too.
func clockSkew(ctx context.Context, database timekeeper, now func() time.Time) (time.Duration, error) {
	asked := now()
	theirs, err := database.Now(ctx)
	if err != nil {
		return 0, err
	}
	answered := now()
	switch {
	case theirs.Before(asked):
		return asked.Sub(theirs), nil
	case theirs.After(answered):
		return answered.Sub(theirs), nil
	}
	return 0, nil
}
