package domain

import (
	"context"
	"errors"
	"slices"
	"time"
)

// DeletedSessionStore deletes sessions and refresh tokens in small steps. It skips rows that other
// transactions have locked.
type DeletedSessionStore interface {
	// ClearSealedSuccessors clears up to most sealed successors whose grace is over, and returns
	// how many it cleared.
	ClearSealedSuccessors(ctx context.Context, grace time.Duration, most int) (int, error)
	// ListEndedSessions returns up to most sessions that were revoked, and up to most that expired,
	// at least that long ago.
	ListEndedSessions(ctx context.Context, ended time.Duration, except []string, most int) ([]string, error)
	// DeleteSessions deletes sessions without their tokens, adds them to a queue, and returns their
	// ids.
	DeleteSessions(ctx context.Context, ids []string) ([]string, error)
	// ListDeletedSessions returns up to most sessions of the queue, which has all deleted sessions
	// with tokens.
	ListDeletedSessions(ctx context.Context, except []string, most int) ([]string, error)
	// DeleteRefreshTokens deletes up to most tokens of sessions, and returns how many it deleted.
	DeleteRefreshTokens(ctx context.Context, sessionIDs []string, most int) (int, error)
	// ForgetDeletedSessions removes sessions without tokens from the queue, and returns their ids.
	ForgetDeletedSessions(ctx context.Context, ids []string) ([]string, error)
}

// SessionCleanup counts what CleanUpSessions did.
type SessionCleanup struct {
	Cleared int // sealed successors whose grace was over
	Purged  int // ended sessions
}

const (
	cleanupBatch      = 50    // sessions, or sealed successors, in one statement
	cleanupTokenBatch = 1_000 // refresh tokens in one statement
	cleanupMaxSkipped = 200   // sessions that are locked or fail, in one run
)

// CleanUpSessions clears sealed successors whose grace is over, so that a copy of the database and
// an old token yield nothing, and deletes sessions after their retention and the tokens of deleted
// sessions. Its small steps wait for no lock, so it may run on several servers at once. It skips
// what fails until the next run.
func (s *SessionService) CleanUpSessions(ctx context.Context) (done SessionCleanup, err error) {
	done.Cleared, err = inBatches(ctx, s.options.RefreshGrace, s.store.ClearSealedSuccessors)
	purged, purgeErr := purgeInBatches(ctx, func(ctx context.Context, except []string) ([]string, error) {
		return s.store.ListEndedSessions(ctx, s.options.Retention, except, cleanupBatch)
	}, s.store.DeleteSessions)
	done.Purged = purged
	_, tokensErr := purgeInBatches(ctx, func(ctx context.Context, except []string) ([]string, error) {
		return s.store.ListDeletedSessions(ctx, except, cleanupBatch)
	}, s.deleteTokens)
	return done, errors.Join(err, purgeErr, tokensErr)
}

// inBatches repeats a step until it processes less than a batch.
func inBatches(
	ctx context.Context, age time.Duration, step func(context.Context, time.Duration, int) (int, error),
) (total int, err error) {
	for {
		n, err := step(ctx, age, cleanupBatch)
		total += n
		if err != nil || n < cleanupBatch {
			return total, err
		}
	}
}

// deleteTokens deletes the tokens of deleted sessions, and returns the sessions that have none
// left.
func (s *SessionService) deleteTokens(ctx context.Context, sessionIDs []string) ([]string, error) {
	for {
		n, err := s.store.DeleteRefreshTokens(ctx, sessionIDs, cleanupTokenBatch)
		if err != nil {
			return nil, err
		}
		if n < cleanupTokenBatch {
			return s.store.ForgetDeletedSessions(ctx, sessionIDs)
		}
	}
}

// purgeInBatches removes what list returns, until list returns nothing. It skips what remove
// leaves. If remove fails, it removes one at a time, and returns the first error at the end.
func purgeInBatches(
	ctx context.Context,
	list func(ctx context.Context, except []string) ([]string, error),
	remove func(ctx context.Context, ids []string) ([]string, error),
) (purged int, err error) {
	var skipped []string
	for len(skipped) < cleanupMaxSkipped {
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

// removeEach continues after an error, and returns the first one.
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
