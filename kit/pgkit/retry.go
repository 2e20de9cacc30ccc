package pgkit

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// maxAttempts bounds the attempts, including the first.
const maxAttempts = 3

// Read runs query, and runs it again, at most twice, after a lost connection. query must only read,
// outside of a transaction.
func Read[T any](ctx context.Context, query func() (T, error)) (result T, err error) {
	err = repeat(ctx, func() (err error) {
		result, err = query()
		return err
	}, isLost)
	return result, err
}

// repeat runs attempt until it succeeds, until mayRepeat returns false, or until maxAttempts.
func repeat(ctx context.Context, attempt func() error, mayRepeat func(error) bool) error {
	for n := 1; ; n++ {
		err := attempt()
		if err == nil || n == maxAttempts || !mayRepeat(err) {
			return err
		}
		if err := sleep(ctx, backoff(n)); err != nil {
			return err
		}
	}
}

// backoff returns a random pause, so that conflicting attempts do not conflict again.
func backoff(attempt int) time.Duration {
	const step = 10 * time.Millisecond
	return rand.N(step << attempt) //nolint:gosec // G404: jitter need not be unpredictable
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// isLost reports whether an open connection broke, so that another one may work: the server was
// restarted, or the connection was closed. It is false for a server that is unreachable or too
// slow.
func isLost(err error) bool {
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting || isContextError(err) {
		return false
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return endsConnection(pgErr.Code)
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.SafeToRetry(err)
}

// isContextError reports whether the caller stopped waiting.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// endsConnection reports whether the server closes the connection after this SQLSTATE.
func endsConnection(code string) bool {
	switch code {
	case pgerrcode.AdminShutdown, pgerrcode.CrashShutdown:
		return true
	}
	return pgerrcode.IsConnectionException(code)
}
