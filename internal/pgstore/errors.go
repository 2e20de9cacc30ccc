package pgstore

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/pgkit"
)

// failures are what the empty results and violated constraints of a noun mean. Each noun declares
// its own.
type failures struct {
	noRows   *domain.Error            // nil if there is always a row
	violated map[string]*domain.Error // by the name of a unique or foreign-key constraint
}

// translate turns errors of pgx into errors of the domain. Other errors are internal and returned
// unchanged.
func (f failures) translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*domain.Error](err); ok {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) && f.noRows != nil {
		return f.noRows
	}
	if known, ok := f.violated[pgkit.Violated(err)]; ok {
		return known
	}
	if pgkit.Unavailable(err) {
		return domain.ErrUnavailable.Because(err)
	}
	return err
}

// translateRows is translate for a statement that must change a row.
func (f failures) translateRows(n int64, err error) error {
	if err == nil && n == 0 {
		return f.noRows
	}
	return f.translate(err)
}

// translate is failures.translate for statements that violate no constraint. noRows is nil if there
// is always a row.
func translate(err error, noRows *domain.Error) error {
	return failures{noRows: noRows}.translate(err)
}

// counted is translate for a statement that returns a number of rows.
func counted(n int64, err error) (int, error) {
	return int(n), translate(err, nil)
}
