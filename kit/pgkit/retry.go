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

// maxAttempts bounds how often something is run that failed for no fault of its own.
const maxAttempts = 3

// repeat runs attempt until it gets through, until mayRepeat says that its error is final, or until it has had its share.
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

// read runs a query again whose connection was lost: asking twice does no harm. Every query outside of a transaction that
// changes nothing goes through it; inside of one, the whole transaction is what may be run again.
func read[T any](ctx context.Context, s *Store, query func() (T, error)) (result T, err error) {
	if s.inTx {
		return query()
	}
	err = repeat(ctx, func() (err error) {
		result, err = query()
		return err
	}, isLost)
	return result, err
}

// backoff spreads attempts, so that those who collided do not collide again.
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

// isConflict reports whether PostgreSQL ended a transaction for the sake of another one, so that it would go through if
// it were run again.
func isConflict(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pgErr.Code == pgerrcode.SerializationFailure || pgErr.Code == pgerrcode.DeadlockDetected)
}

// isLost reports whether a connection broke that had been there, so that another one may do: the server was restarted,
// or somebody hung up. A server that cannot be reached is not asked again, nor is one that was too slow.
func isLost(err error) bool {
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting || isEnd(err) {
		return false
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isFarewell(pgErr.Code)
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.SafeToRetry(err)
}

// isEnd reports whether it was we who stopped waiting.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isFarewell reports whether a SQLSTATE is the last thing that a connection says.
func isFarewell(code string) bool {
	switch code {
	case pgerrcode.AdminShutdown, pgerrcode.CrashShutdown:
		return true
	}
	return pgerrcode.IsConnectionException(code)
}
