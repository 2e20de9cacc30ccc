//go:build scale

package pgstore

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
)

// ExplainListUsers returns the plans that PostgreSQL makes for a list, with the arguments as the store sends them.
func ExplainListUsers(ctx context.Context, s *Store, query domain.UserQuery) (string, error) {
	e := &explainer{planner: planner{s.pool}}
	explaining := *s
	explaining.planned = dbsqlc.New(e)
	_, err := explaining.ListUsers(ctx, query)
	return strings.Join(e.plans, "\n"), err
}

// explainer asks for the plan of a query before its rows.
type explainer struct {
	planner

	plans []string
}

// Query implements dbsqlc.DBTX.
func (e *explainer) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := e.planner.Query(ctx, "EXPLAIN "+sql, args...)
	if err != nil {
		return nil, err
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	e.plans = append(e.plans, plan...)
	return e.planner.Query(ctx, sql, args...)
}
