package domain

import (
	"context"
	"time"
)

// SessionUpkeep counts what CleanUpSessions did.
type SessionUpkeep struct {
	Cleared int // sealed successors whose grace is over
	Purged  int // sessions that have ended
}

// upkeepBatch bounds what one statement locks and deletes. A session can have thousands of tokens.
const upkeepBatch = 50

// CleanUpSessions takes away what nobody can use any more: sealed successors, so that a copy of the database and an old
// token yield nothing, and sessions that ended longer ago than they are kept. It goes in small steps that wait for nobody,
// so it may run anywhere, at any time, and several times at once; what it did not get to is left for the next time.
func (s *SessionService) CleanUpSessions(ctx context.Context) (done SessionUpkeep, err error) {
	done.Cleared, err = inBatches(ctx, s.options.RefreshGrace, s.store.ClearSealedSuccessors)
	if err != nil {
		return done, err
	}
	done.Purged, err = inBatches(ctx, s.options.Retention, s.store.PurgeSessions)
	return done, err
}

// inBatches repeats a step until it finds less than it could have.
func inBatches(
	ctx context.Context, age time.Duration, step func(context.Context, time.Duration, int) (int, error),
) (total int, err error) {
	for {
		n, err := step(ctx, age, upkeepBatch)
		total += n
		if err != nil || n < upkeepBatch {
			return total, err
		}
	}
}
