package pgkit

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Planner makes PostgreSQL plan each query for its arguments. A prepared statement that is used
// often gets one generic plan, which saves planning and suits most queries. A search needs a plan
// for its text, which decides whether an index beats a scan in order.
type Planner struct{ *pgxpool.Pool }

// Planner returns a Planner on the pool.
func (p *Pool) Planner() Planner { return Planner{p.Pool} }

// Query is that of pgxpool, without a prepared statement.
func (p Planner) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.Pool.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}
