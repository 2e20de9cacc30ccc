package pgkit

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// limits are the parameters that bound a connection.
var limits = []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}

// adaptToPooler leaves out what does not survive a transaction when a pooler lends another
// connection for the next one. Prepared statements do not: pgx caches the types of a statement
// instead and sends its text each time. A URL that sets default_query_exec_mode belongs to a
// pooler that keeps statements.
//
// Parameters do not either: PgBouncer rejects those that it does not track, so the limits have to
// be set for the role on the server. See MissingLimits.
func adaptToPooler(config *pgx.ConnConfig) {
	if !strings.Contains(config.ConnString(), "default_query_exec_mode=") {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	for _, name := range limits {
		delete(config.RuntimeParams, name)
	}
}

// MissingLimits returns the names of the limits that are not set on the connections of the pool,
// which only happens behind a pooler.
func (p *Pool) MissingLimits(ctx context.Context) ([]string, error) {
	return Read(ctx, func() ([]string, error) {
		const query = "SELECT name FROM pg_settings WHERE name = ANY ($1) AND setting = '0' ORDER BY name"
		rows, err := p.Query(ctx, query, limits)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	})
}
