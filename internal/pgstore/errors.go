package pgstore

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"example.com/plinth/internal/domain"
)

// uniqueViolations says what it means that a unique constraint, by name, is in the way.
var uniqueViolations = map[string]*domain.Error{
	"users_email_key": domain.ErrEmailTaken,
}

// translate turns what pgx says into what the domain says. noRows is what an empty result means; nil if it cannot be.
// Errors that are nobody's business come back unchanged.
func translate(err error, noRows *domain.Error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*domain.Error](err); ok {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) && noRows != nil {
		return noRows
	}
	if isConnectionError(err) { // before asking what the server said: it may have turned us away, for whatever reason
		return domain.ErrUnavailable.Because(err)
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return translateServerError(err, pgErr)
	}
	return err
}

// translateRows is translate for a statement that has to change a row.
func translateRows(n int64, err error, noRows *domain.Error) error {
	if err == nil && n == 0 {
		return noRows
	}
	return translate(err, nil)
}

func translateServerError(err error, pgErr *pgconn.PgError) error {
	if pgErr.Code == pgerrcode.UniqueViolation {
		if known, ok := uniqueViolations[pgErr.ConstraintName]; ok {
			return known
		}
	}
	switch {
	case isConflict(err),
		pgerrcode.IsConnectionException(pgErr.Code),
		pgerrcode.IsInsufficientResources(pgErr.Code),
		pgerrcode.IsOperatorIntervention(pgErr.Code), // shutdown, statement timeout
		pgErr.Code == pgerrcode.LockNotAvailable,
		pgErr.Code == pgerrcode.ReadOnlySQLTransaction,
		pgErr.Code == pgerrcode.IdleInTransactionSessionTimeout:
		return domain.ErrUnavailable.Because(err)
	}
	return err
}

// isConnectionError reports whether the server could not be asked, did not answer in time or hung up.
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
