package pgstore

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/pgkit"
)

// uniqueViolations maps unique constraints to errors.
var uniqueViolations = map[string]*domain.Error{
	"users_email_key": domain.ErrEmailTaken,
}

// translate turns errors of pgx into errors of the domain. noRows is the error for an empty result, nil
// if there is always a row. Other errors are internal and returned unchanged.
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
	if known, ok := uniqueViolations[pgkit.Unique(err)]; ok {
		return known
	}
	if pgkit.Unavailable(err) {
		return domain.ErrUnavailable.Because(err)
	}
	return err
}

// translateRows is translate for a statement that must change a row.
func translateRows(n int64, err error, noRows *domain.Error) error {
	if err == nil && n == 0 {
		return noRows
	}
	return translate(err, nil)
}
