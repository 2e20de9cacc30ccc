package pgkit

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// planner has PostgreSQL plan each query for its arguments. A statement that is prepared once and used often gets one plan
// for all arguments, sooner or later, which is right for nearly all queries and saves the planning. A search needs the
// other: only whoever knows the text can tell whether an index will find it sooner than a look at everybody in order.
type planner struct{ *pgxpool.Pool }

// Query implements dbsqlc.DBTX.
func (p planner) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.Pool.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}
