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

// newTracer returns a tracer for the options, nil if they need none.
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

// spanTracer skips otelpgx in requests that are not recorded, which are most. There otelpgx would
// still do half of its work, 3 % of the CPU time of a cheap request.
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
func (t spanTracer) TraceAcquireStart(
	ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireStartData,
) context.Context {
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

// WaitSpans returns a Batch.OnWait that adds a span to recorded requests: the batch itself is in no
// trace. It returns nil without Options.Tracing.
func (p *Pool) WaitSpans(statement string) func(context.Context) (waited func()) {
	if p.tracing == nil {
		return nil
	}
	tracer := p.tracing.Tracer("example.com/plinth/kit/pgkit")
	return func(ctx context.Context) func() {
		if !isRecorded(ctx) {
			return func() {}
		}
		_, span := tracer.Start(ctx, statement, trace.WithSpanKind(trace.SpanKindClient))
		return func() { span.End() }
	}
}

// queryName returns the name that sqlc gives a statement, or its first word.
func queryName(sql string) string {
	if named, ok := strings.CutPrefix(sql, "-- name: "); ok {
		sql = named
	}
	name, _, _ := strings.Cut(sql, " ")
	return name
}

// queryTracer calls onQuery for each statement, without its arguments.
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
