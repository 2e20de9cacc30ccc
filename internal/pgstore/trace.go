package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// queryTracer tells onQuery of every statement, without its arguments.
type queryTracer struct {
	onQuery func(ctx context.Context, sql string, took time.Duration, err error)
}

type queryTraceKey struct{}

type queryTrace struct {
	sql     string
	started time.Time
}

// TraceQueryStart implements pgx.QueryTracer.
func (queryTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, queryTraceKey{}, queryTrace{sql: data.SQL, started: time.Now()})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t queryTracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if trace, ok := ctx.Value(queryTraceKey{}).(queryTrace); ok {
		t.onQuery(ctx, trace.sql, time.Since(trace.started), data.Err)
	}
}
