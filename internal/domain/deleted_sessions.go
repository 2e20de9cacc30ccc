package domain

import (
	"context"
	"errors"
	"time"

	"example.com/plinth/kit/sweep"
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
	done.Cleared, err = sweep.Batches(ctx, cleanupBatch, func(ctx context.Context, most int) (int, error) {
		return s.store.ClearSealedSuccessors(ctx, s.options.RefreshGrace, most)
	})
	listEnded := func(ctx context.Context, except []string) ([]string, error) {
		return s.store.ListEndedSessions(ctx, s.options.Retention, except, cleanupBatch)
	}
	purged, purgeErr := sweep.Purge(ctx, cleanupMaxSkipped, listEnded, s.store.DeleteSessions)
	done.Purged = purged
	listDeleted := func(ctx context.Context, except []string) ([]string, error) {
		return s.store.ListDeletedSessions(ctx, except, cleanupBatch)
	}
	_, tokensErr := sweep.Purge(ctx, cleanupMaxSkipped, listDeleted, s.deleteTokens)
	return done, errors.Join(err, purgeErr, tokensErr)
}

// deleteTokens deletes the tokens of deleted sessions, and returns the sessions that have none left.
func (s *SessionService) deleteTokens(ctx context.Context, sessionIDs []string) ([]string, error) {
	_, err := sweep.Batches(ctx, cleanupTokenBatch, func(ctx context.Context, most int) (int, error) {
		return s.store.DeleteRefreshTokens(ctx, sessionIDs, most)
	})
	if err != nil {
		return nil, err
	}
	return s.store.ForgetDeletedSessions(ctx, sessionIDs)
}
