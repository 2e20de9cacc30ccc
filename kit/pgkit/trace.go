package pgkit

import (
	"context"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"
)

// newTracer returns what watches statements, nil if nobody wants to know.
func newTracer(options Options) pgx.QueryTracer {
	var tracers []pgx.QueryTracer
	if options.OnQuery != nil {
		tracers = append(tracers, queryTracer{onQuery: options.OnQuery})
	}
	if options.Tracing != nil {
		tracers = append(tracers, spanTracer{otelpgx.NewTracer(otelpgx.WithTracerProvider(options.Tracing),
			otelpgx.WithSpanNameFunc(queryName), otelpgx.WithDisableConnectionDetailsInAttributes())})
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

// spanTracer makes spans in requests that are recorded. To others, which are most, otelpgx would still do half of its work:
// 3 % of the processor time of a GET /users/me.
type spanTracer struct{ *otelpgx.Tracer }

func isRecorded(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

// TraceQueryStart implements pgx.QueryTracer.
func (t spanTracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if !isRecorded(ctx) {
		return ctx
	}
	return t.Tracer.TraceQueryStart(ctx, conn, data)
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t spanTracer) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	if isRecorded(ctx) {
		t.Tracer.TraceQueryEnd(ctx, conn, data)
	}
}

// TraceAcquireStart implements pgxpool.AcquireTracer.
func (t spanTracer) TraceAcquireStart(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireStartData) context.Context {
	if !isRecorded(ctx) {
		return ctx
	}
	return t.Tracer.TraceAcquireStart(ctx, pool, data)
}

// TraceAcquireEnd implements pgxpool.AcquireTracer.
func (t spanTracer) TraceAcquireEnd(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	if isRecorded(ctx) {
		t.Tracer.TraceAcquireEnd(ctx, pool, data)
	}
}

// waitSpans shows in recorded requests that they waited for a statement which they share with others, and which is in no
// trace itself.
func waitSpans(provider trace.TracerProvider, statement string) func(context.Context) func() {
	if provider == nil {
		return nil
	}
	tracer := provider.Tracer("example.com/plinth/internal/pgstore")
	return func(ctx context.Context) func() {
		if !isRecorded(ctx) {
			return func() {}
		}
		_, span := tracer.Start(ctx, statement, trace.WithSpanKind(trace.SpanKindClient))
		return func() { span.End() }
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
	if begun, ok := ctx.Value(queryTraceKey{}).(queryTrace); ok {
		t.onQuery(ctx, begun.sql, time.Since(begun.started), data.Err)
	}
}
