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
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func TestOnQueryIsToldOfEveryStatementButNotOfArguments(t *testing.T) {
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
	store := pgtest.NewStore(t, pgtest.URL(t), pgstore.Options{OnQuery: func(ctx context.Context, sql string, took time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Value(key{}) != nil {
			queries = append(queries, seen{sql, took, err})
		}
	}})

	const canary = "canary-4711"
	name := canary + "-name"
	user := domain.NewUser{ID: noSuchID, Email: canary + "@example.com", PasswordHash: canary + "-hash", Name: &name, Role: domain.RoleUser}
	err := store.InTx(ctx, func(tx domain.Store) error {
		_, err := tx.CreateUser(ctx, user)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.CreateUser(ctx, user)
	wantServerError(t, err, pgerrcode.UniqueViolation)
	_, err = store.GetUserByEmail(ctx, canary+"@nowhere")
	wantCode(t, err, domain.ErrUserNotFound)

	var names []string
	for _, query := range queries {
		if strings.Contains(query.sql, canary) || (query.err != nil && strings.Contains(query.err.Error(), canary)) {
			t.Errorf("an argument is in %q, %v", query.sql, query.err)
		}
		if query.took <= 0 {
			t.Errorf("%q took %s", query.sql, query.took)
		}
		outcome := " worked"
		if query.err != nil {
			outcome = " failed"
		}
		first, _, _ := strings.Cut(query.sql, "\n")
		names = append(names, first+outcome)
	}
	want := []string{
		"begin worked", "-- name: CreateUser :one worked", "commit worked", "-- name: CreateUser :one failed",
		"-- name: GetUserByEmail :one worked",
	}
	if !slices.Equal(names, want) {
		t.Errorf("told of %q, want %q", names, want)
	}
}

func TestSpansOfStatementsInRecordedRequestsOnly(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	var told atomic.Int64
	store := pgtest.NewStore(t, pgtest.URL(t), pgstore.Options{
		Tracing: provider, OnQuery: func(context.Context, string, time.Duration, error) { told.Add(1) }, // side by side
	})
	const canary = "canary-4711"
	user := domain.NewUser{ID: noSuchID, Email: canary + "@example.com", PasswordHash: canary + "-hash", Role: domain.RoleUser}
	_, err := store.CreateUser(t.Context(), user) // in no request
	if err != nil {
		t.Fatal(err)
	}
	if spans := exporter.GetSpans(); len(spans) > 0 || told.Load() == 0 {
		t.Errorf("%d spans, and %d statements were told of", len(spans), told.Load())
	}

	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	_, err = store.CreateUser(ctx, user)
	wantServerError(t, err, pgerrcode.UniqueViolation)
	request.End()
	names := map[string]string{}
	for _, span := range exporter.GetSpans() {
		names[span.Name] = span.Status.Code.String()
		if strings.Contains(fmt.Sprint(span), canary) {
			t.Errorf("an argument is in the span %+v", span)
		}
	}
	if names["CreateUser"] != "Error" || names["pool.acquire"] != "Unset" || names["request"] != "Unset" {
		t.Errorf("the spans are %v", names)
	}
}
