package pgstore

import (
	"context"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
)

// newTracer returns what watches statements, nil if nobody wants to know.
func newTracer(options Options) pgx.QueryTracer {
	var tracers []pgx.QueryTracer
	if options.OnQuery != nil {
		tracers = append(tracers, queryTracer{onQuery: options.OnQuery})
	}
	if options.Tracing != nil {
		tracers = append(tracers, otelpgx.NewTracer(otelpgx.WithTracerProvider(options.Tracing),
			otelpgx.WithSpanNameFunc(queryName), otelpgx.WithDisableConnectionDetailsInAttributes()))
	}
	switch len(tracers) {
	case 0:
		return nil
	case 1:
		return tracers[0]
	default:
		return multitracer.New(tracers...)
	}
}

// queryName is what db/queries calls a statement, or its first word.
func queryName(sql string) string {
	if named, ok := strings.CutPrefix(sql, "-- name: "); ok {
		sql = named
	}
	name, _, _ := strings.Cut(sql, " ")
	return name
}

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
