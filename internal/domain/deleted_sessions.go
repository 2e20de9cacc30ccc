package domain

import (
	"context"
	"errors"
	"slices"
	"time"
)

// SessionUpkeepStore deletes what is of no use any more, in small steps. It leaves to other transactions what they have
// locked.
type SessionUpkeepStore interface {
	// ClearSealedSuccessors clears up to most of those whose grace is over, and returns how many it cleared.
	ClearSealedSuccessors(ctx context.Context, grace time.Duration, most int) (int, error)
	// ListEndedSessions returns up to most sessions that were ended, and up to most whose time was up, at least so long ago.
	ListEndedSessions(ctx context.Context, ended time.Duration, except []string, most int) ([]string, error)
	// DeleteSessions deletes sessions and queues them: their tokens are left. It returns the ids of those it deleted.
	DeleteSessions(ctx context.Context, ids []string) ([]string, error)
	// ListDeletedSessions returns up to most sessions of the queue: those that were deleted, by whatever statement.
	ListDeletedSessions(ctx context.Context, except []string, most int) ([]string, error)
	// DeleteRefreshTokens deletes up to most tokens of sessions, and returns how many it deleted.
	DeleteRefreshTokens(ctx context.Context, sessionIDs []string, most int) (int, error)
	// ForgetDeletedSessions removes those from the queue that have no token left, and returns their ids.
	ForgetDeletedSessions(ctx context.Context, ids []string) ([]string, error)
}

// SessionUpkeep counts what CleanUpSessions did.
type SessionUpkeep struct {
	Cleared int // sealed successors whose grace is over
	Purged  int // sessions that have ended
}

const (
	upkeepBatch      = 50    // sessions, or sealed successors, in one statement
	upkeepTokenBatch = 1_000 // refresh tokens in one statement
	upkeepMaxSkipped = 200   // sessions that are locked or fail, until the next time
)

// CleanUpSessions deletes what is of no use any more: sealed successors, so that a copy of the database and an old token
// yield nothing, sessions that ended longer ago than they are kept, and the tokens of sessions that are gone. It goes in
// small steps that wait for no lock, so it may run anywhere, at any time, and several times at once. What fails is skipped,
// and tried again the next time.
func (s *SessionService) CleanUpSessions(ctx context.Context) (done SessionUpkeep, err error) {
	done.Cleared, err = inBatches(ctx, s.options.RefreshGrace, s.store.ClearSealedSuccessors)
	purged, purgeErr := purgeInBatches(ctx, func(ctx context.Context, except []string) ([]string, error) {
		return s.store.ListEndedSessions(ctx, s.options.Retention, except, upkeepBatch)
	}, s.store.DeleteSessions)
	done.Purged = purged
	_, tokensErr := purgeInBatches(ctx, func(ctx context.Context, except []string) ([]string, error) {
		return s.store.ListDeletedSessions(ctx, except, upkeepBatch)
	}, s.deleteTokens)
	return done, errors.Join(err, purgeErr, tokensErr)
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

// deleteTokens deletes the tokens of sessions that are gone, and returns the sessions that have none left.
func (s *SessionService) deleteTokens(ctx context.Context, sessionIDs []string) ([]string, error) {
	for {
		n, err := s.store.DeleteRefreshTokens(ctx, sessionIDs, upkeepTokenBatch)
		if err != nil {
			return nil, err
		}
		if n < upkeepTokenBatch {
			return s.store.ForgetDeletedSessions(ctx, sessionIDs)
		}
	}
}

// purgeInBatches deletes what list returns, until it returns nothing. It skips what remove does not delete; where remove
// fails, it goes on one by one, and returns the first error at the end.
func purgeInBatches(
	ctx context.Context,
	list func(ctx context.Context, except []string) ([]string, error),
	remove func(ctx context.Context, ids []string) ([]string, error),
) (purged int, err error) {
	var skipped []string
	for len(skipped) < upkeepMaxSkipped {
		ids, listErr := list(ctx, skipped)
		if listErr != nil || len(ids) == 0 {
			return purged, errors.Join(err, listErr)
		}
		gone, removeErr := remove(ctx, ids)
		if removeErr != nil && len(ids) > 1 {
			gone, removeErr = removeEach(ctx, ids, remove)
		}
		if err == nil {
			err = removeErr
		}
		purged += len(gone)
		for _, id := range ids {
			if !slices.Contains(gone, id) {
				skipped = append(skipped, id)
			}
		}
	}
	return purged, err
}

// removeEach goes on after a failure, and returns the first.
func removeEach(
	ctx context.Context, ids []string, remove func(ctx context.Context, ids []string) ([]string, error),
) (gone []string, err error) {
	for _, id := range ids {
		removed, removeErr := remove(ctx, []string{id})
		gone = append(gone, removed...)
		if err == nil {
			err = removeErr
		}
		if ctx.Err() != nil {
			return gone, err
		}
	}
	return gone, err
}
