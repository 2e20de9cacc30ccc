package pgkit

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// Unavailable reports whether a statement failed because the server could not be reached, did not
// answer in time, was overloaded, refused writes, or aborted the transaction in favor of another
// one. The statement itself may be correct.
func Unavailable(err error) bool {
	if isConnectionError(err) { // first, because a server that rejects a connection also sends a SQLSTATE
		return true
	}
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (Conflict(err) ||
		pgerrcode.IsConnectionException(pgErr.Code) ||
		pgerrcode.IsInsufficientResources(pgErr.Code) ||
		pgerrcode.IsOperatorIntervention(pgErr.Code) || // shutdown, statement timeout
		pgErr.Code == pgerrcode.LockNotAvailable ||
		pgErr.Code == pgerrcode.ReadOnlySQLTransaction ||
		pgErr.Code == pgerrcode.IdleInTransactionSessionTimeout)
}

// Conflict reports whether PostgreSQL aborted a transaction in favor of another one: a deadlock or
// a serialization failure. The transaction may succeed if it runs again.
func Conflict(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pgErr.Code == pgerrcode.SerializationFailure || pgErr.Code == pgerrcode.DeadlockDetected)
}

// Violated returns the name of the unique or foreign-key constraint that a statement violated,
// empty for other errors.
func Violated(err error) (constraint string) {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if ok && (pgErr.Code == pgerrcode.UniqueViolation || pgErr.Code == pgerrcode.ForeignKeyViolation) {
		return pgErr.ConstraintName
	}
	return ""
}

// isConnectionError reports whether the server was unreachable, did not answer in time or hung up.
func isConnectionError(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, puddle.ErrClosedPool) || pgconn.SafeToRetry(err)
}
