package pgstore_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// Concurrent callers each get their own actor, and an error after the session has ended.
func TestConcurrentActors(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 2})
	batches := store.CountBatches()
	ada, bob := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{Inactive: true})
	inactive, expired := createSession(t, store, bob, "A"), createSession(t, store, ada, "B")
	pgtest.Exec(t, databaseURL, "UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - "+
		"interval '1 day' WHERE id = $1", expired.ID)
	var group sync.WaitGroup
	for i := range 50 {
		session := createSession(t, store, ada, fmt.Sprintf("%02d", i))
		group.Go(func() {
			for range 10 {
				actor, err := store.GetActor(t.Context(), session.ID, ada.ID)
				if err != nil || actor != (domain.Actor{User: ada, SessionID: session.ID}) {
					t.Errorf("got %+v, %v", actor, err)
				}
				for id, user := range map[string]domain.User{session.ID: bob, inactive.ID: bob, expired.ID: ada} {
					_, err = store.GetActor(t.Context(), id, user.ID)
					wantCode(t, err, domain.ErrInvalidToken)
				}
			}
			if _, err := store.RevokeSession(t.Context(), session.ID, domain.RevokedByLogout); err != nil {
				t.Error(err)
			}
			_, err := store.GetActor(t.Context(), session.ID, ada.ID)
			wantCode(t, err, domain.ErrInvalidToken)
		})
	}
	group.Wait()
	if batches.Load() == 0 {
		t.Error("there was no batch")
	}
}

// The query of actors is among the statements of each request, in the log and in the trace.
func TestQueryOfActorsIsLoggedAndTraced(t *testing.T) {
	t.Parallel()
	type requestKey struct{}
	var mu sync.Mutex
	logged := map[any]bool{}
	log := func(ctx context.Context, _ string, _ time.Duration, _ error) {
		mu.Lock()
		defer mu.Unlock()
		logged[ctx.Value(requestKey{})] = true
	}
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	for name, options := range map[string]pgstore.Options{"logged": {OnQuery: log}, "traced": {Tracing: provider}} {
		databaseURL := pgtest.URL(t)
		user := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{})
		store := pgtest.NewStore(t, databaseURL, options)
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				ctx := context.WithValue(t.Context(), requestKey{}, i)
				if options.Tracing != nil {
					var span trace.Span
					ctx, span = provider.Tracer("").Start(ctx, "request")
					defer span.End()
				}
				_, err := store.GetActor(ctx, noSuchID, user.ID)
				wantCode(t, err, domain.ErrInvalidToken)
			})
		}
		group.Wait()
		requests := map[any]bool{}
		for _, span := range spans.GetSpans() {
			if strings.HasPrefix(span.Name, "GetActor") && span.EndTime.After(span.StartTime) {
				requests[span.SpanContext.TraceID()] = true
			}
		}
		if name == "logged" {
			requests = logged
		}
		if len(requests) != 50 {
			t.Errorf("%s: %d of 50 requests have the statement", name, len(requests))
		}
	}
}

func TestActorIsReadInTheTransaction(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	user := pgtest.User(t, store, pgtest.UserOpts{})
	session := createSession(t, store, user, "1")
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.RevokeSession(t.Context(), session.ID, domain.RevokedByLogout); err != nil {
			return err
		}
		_, err := tx.GetActor(t.Context(), session.ID, user.ID)
		return err
	})
	wantCode(t, err, domain.ErrInvalidToken)
}
