package pgkit

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// limits are the parameters of a connection that bound what the server may spend on it.
var limits = []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}

// adaptToPooler leaves out what does not survive from one transaction to the next when a pooler lends out another
// connection each time. Prepared statements are one such thing: pgx then only remembers what a statement's types are, and
// sends the text every time. A URL that names a default_query_exec_mode knows of a pooler that keeps statements.
//
// Parameters are another: PgBouncer hangs up on those that it does not follow itself, so the limits have to be set for
// the role on the server. See MissingLimits.
func adaptToPooler(config *pgx.ConnConfig) {
	if !strings.Contains(config.ConnString(), "default_query_exec_mode=") {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	for _, name := range limits {
		delete(config.RuntimeParams, name)
	}
}

// MissingLimits returns the names of the parameters that bound a connection and that are not set on ours, which happens
// only behind a pooler. It fails with domain.ErrUnavailable.
func (s *Store) MissingLimits(ctx context.Context) ([]string, error) {
	missing, err := read(ctx, s, func() ([]string, error) {
		rows, err := s.pool.Query(ctx,
			"SELECT name FROM pg_settings WHERE name = ANY ($1) AND setting = '0' ORDER BY name", limits)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	})
	return missing, translate(err, nil)
}
