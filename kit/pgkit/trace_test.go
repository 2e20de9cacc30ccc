package pgkit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/plinth/kit/pgkit"
)

const canary = "canary-4711"

func TestOnQuerySeesStatementsWithoutArguments(t *testing.T) {
	t.Parallel()
	type seen struct {
		sql  string
		took time.Duration
		err  error
	}
	var (
		mu      sync.Mutex
		queries []seen
	)
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "of the caller")
	pool := open(t, databases.URL(t), pgkit.Options{
		OnQuery: func(ctx context.Context, sql string, took time.Duration, err error) {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Value(key{}) != nil {
				queries = append(queries, seen{sql, took, err})
			}
		},
	})
	noError(t, pool.InTx(ctx, func(tx pgx.Tx) error { return rename(ctx, tx, 1, canary) }))
	wantServerError(t, rename(ctx, pool, 2, canary), pgerrcode.UniqueViolation)

	var names []string
	for _, query := range queries {
		if strings.Contains(query.sql, canary) || (query.err != nil && strings.Contains(query.err.Error(), canary)) {
			t.Errorf("an argument is in %q, %v", query.sql, query.err)
		}
		if query.took <= 0 {
			t.Errorf("%q took %s", query.sql, query.took)
		}
		outcome := " succeeded"
		if query.err != nil {
			outcome = " failed"
		}
		first, _, _ := strings.Cut(query.sql, "\n")
		names = append(names, first+outcome)
	}
	want := []string{
		"begin succeeded", "-- name: Rename :exec succeeded", "commit succeeded", "-- name: Rename :exec failed",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestOnlyRecordedRequestsHaveSpans(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	var queries atomic.Int64
	pool := open(t, databases.URL(t), pgkit.Options{
		Tracing: provider, OnQuery: func(context.Context, string, time.Duration,
			error,
		) {
			queries.Add(1)
		}, // both at once
	})
	noError(t, rename(t.Context(), pool, 1, canary)) // in no request
	if spans := exporter.GetSpans(); len(spans) > 0 || queries.Load() == 0 {
		t.Errorf("%d spans, and OnQuery saw %d statements", len(spans), queries.Load())
	}

	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	wantServerError(t, rename(ctx, pool, 2, canary), pgerrcode.UniqueViolation)
	waited := pool.WaitSpans("GetThings")
	waited(ctx)()
	waited(t.Context())() // in no request
	request.End()
	names := map[string]string{}
	for _, span := range exporter.GetSpans() {
		names[span.Name] += span.Status.Code.String()
		if strings.Contains(fmt.Sprint(span), canary) {
			t.Errorf("an argument is in the span %+v", span)
		}
	}
	if names["Rename"] != "Error" || names["pool.acquire"] != "Unset" || names["request"] != "Unset" ||
		names["GetThings"] != "Unset" {
		t.Errorf("the spans are %v", names)
	}
}
