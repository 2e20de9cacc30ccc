package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// Concurrent callers each get their own actor, and an error after the session has ended.
func TestConcurrentActors(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 2, Tracing: provider})
	ctx, span := provider.Tracer("").Start(t.Context(), "test")
	defer span.End()
	ada, bob := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{Inactive: true})
	inactive, expired := createSession(t, store, bob, "A"), createSession(t, store, ada, "B")
	pgtest.Exec(t, databaseURL, "UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - "+
		"interval '1 day' WHERE id = $1", expired.ID)
	var group sync.WaitGroup
	for i := range 50 {
		session := createSession(t, store, ada, fmt.Sprintf("%02d", i))
		group.Go(func() {
			for range 10 {
				actor, err := store.GetActor(ctx, session.ID, ada.ID)
				if err != nil || actor != (domain.Actor{User: ada, SessionID: session.ID}) {
					t.Errorf("got %+v, %v", actor, err)
				}
				for id, user := range map[string]domain.User{session.ID: bob, inactive.ID: bob, expired.ID: ada} {
					_, err = store.GetActor(ctx, id, user.ID)
					wantCode(t, err, domain.ErrInvalidToken)
				}
			}
			if _, err := store.RevokeSession(ctx, session.ID, domain.RevokedByLogout); err != nil {
				t.Error(err)
			}
			_, err := store.GetActor(ctx, session.ID, ada.ID)
			wantCode(t, err, domain.ErrInvalidToken)
		})
	}
	group.Wait()
	isBatch := func(span tracetest.SpanStub) bool { return strings.HasPrefix(span.Name, "GetActors") }
	if !slices.ContainsFunc(spans.GetSpans(), isBatch) {
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

// Every authenticated request runs one of these statements, so they find their rows by key.
func TestActorsAreReadByKeys(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `INSERT INTO users (id, email, password_hash)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0' || to_char(n, 'FM00000'), n || '@example.com', 'x' FROM generate_series(1, 5000) AS n`)
	pgtest.Exec(t, databaseURL, `INSERT INTO sessions (id, user_id, expires_at)
		SELECT id, left(id, 24) || '00', now() + interval '1 day' FROM users WHERE right(id, 5) >= '00100'`)
	pgtest.Exec(t, databaseURL, "ANALYZE")
	conn := pgtest.Connect(t, databaseURL)
	if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	queried := &queriedConn{Conn: conn}
	queries := dbsqlc.New(queried)
	for explain, ask := range map[string]func() error{
		"EXPLAIN EXECUTE one (NULL, NULL)": func() error {
			_, err := queries.GetActor(t.Context(), dbsqlc.GetActorParams{SessionID: sessionID("1"), UserID: noSuchID})
			return err
		},
		"EXPLAIN EXECUTE many (NULL)": func() error {
			_, err := queries.GetActors(t.Context(), []string{sessionID("1")})
			return err
		},
	} {
		if err := ask(); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "PREPARE "+strings.Fields(explain)[2]+" AS "+queried.sql); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), explain)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		for _, key := range []string{"sessions_pkey", "users_pkey"} {
			if !strings.Contains(plan, "Index Scan using "+key+" ") {
				t.Errorf("%s is not used:\n%s", key, plan)
			}
		}
	}
}

// queriedConn keeps the text of the last query.
type queriedConn struct {
	*pgx.Conn

	sql string
}

func (c *queriedConn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.sql = sql
	return c.Conn.Query(ctx, sql, args...)
}

func (c *queriedConn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	c.sql = sql
	return c.Conn.QueryRow(ctx, sql, args...)
}
