// Package pgstore keeps the domain's data in PostgreSQL. It is the only package that speaks pgx: rows become domain
// values here, and driver errors become domain errors, by constraint name and SQLSTATE, never by text.
//
// It must not know HTTP, and it does not log.
package pgstore

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/pgkit"
)

// Options tune a Store; the zero value works.
type Options struct {
	// MinConns connections are kept open, MaxConns is the most there will be; 0 leaves it to pgxpool.
	MinConns, MaxConns int32
	// ApplicationName is what pg_stat_activity shows.
	ApplicationName string
	// TransactionPooler means that the URL is that of a pooler which lends a connection for a transaction at a time.
	TransactionPooler bool
	// OnQuery, if set, is told of every statement after it ran. It never gets arguments.
	OnQuery func(ctx context.Context, sql string, took time.Duration, err error)
	// Tracing, if set, gets a span for every statement of a request that is recorded, and for the wait for a connection.
	// Spans hold the statement, never arguments.
	Tracing trace.TracerProvider
}

// What the server may spend on us before it gives up, in the request's favour: all are below the request deadline.
const (
	statementTimeout = 8 * time.Second
	lockTimeout      = 5 * time.Second
	idleInTxTimeout  = 15 * time.Second
)

// Store is domain.Store on a PostgreSQL pool, or, inside InTx, on one transaction of it.
type Store struct {
	pool      *pgxpool.Pool
	condition *condition
	queries   *dbsqlc.Queries
	planned   *dbsqlc.Queries // see planner; only for reading outside of transactions
	actors    *batcher[actorKey, domain.User]
	logged    bool // each statement is
	inTx      bool
}

var _ domain.Store = (*Store)(nil)

// Open prepares a pool. Connections are made when they are needed, so an unreachable server is not an error here: call
// Ping. It fails with [pgkit.ErrDatabaseURL].
func Open(ctx context.Context, databaseURL string, options Options) (*Store, error) {
	config, err := pgkit.ParseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	if options.MaxConns > 0 {
		config.MaxConns = options.MaxConns
	}
	config.MinConns = options.MinConns
	config.ShouldPing = func(_ context.Context, idle pgxpool.ShouldPingParams) bool { return shouldPing(idle) }
	config.ConnConfig.Tracer = newTracer(options)
	setUp(config.ConnConfig, options)
	store := &Store{condition: &condition{}, logged: options.OnQuery != nil}
	store.condition.watch(config.ConnConfig, func() { store.pool.Reset() })
	if store.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("opening the database pool: %w", err)
	}
	store.queries, store.planned = dbsqlc.New(store.pool), dbsqlc.New(planner{store.pool})
	store.actors = &batcher[actorKey, domain.User]{
		alone: store.getActor, together: store.getActors, missing: pgx.ErrNoRows, onWait: waitSpans(options.Tracing, "GetActors"),
	}
	return store, nil
}

// setUp says what a new connection is like.
func setUp(config *pgx.ConnConfig, options Options) {
	if !strings.Contains(config.ConnString(), "target_session_attrs") {
		preferPrimary(&config.Config)
	}
	config.ConnectTimeout = pgkit.ConnectTimeout
	parameters := config.RuntimeParams
	parameters["application_name"] = options.ApplicationName
	parameters["timezone"] = "UTC"
	parameters["statement_timeout"] = milliseconds(statementTimeout)
	parameters["lock_timeout"] = milliseconds(lockTimeout)
	parameters["idle_in_transaction_session_timeout"] = milliseconds(idleInTxTimeout)
	if options.TransactionPooler {
		adaptToPooler(config)
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Close waits for connections in use to be given back, and closes them all.
func (s *Store) Close() { s.pool.Close() }

// Ping asks the server for an answer. It fails with domain.ErrUnavailable.
func (s *Store) Ping(ctx context.Context) error {
	return translate(s.pool.Ping(ctx), nil)
}

// InTx is domain.Store.InTx. Inside a transaction it runs fn in that same transaction. A connection that is lost before
// the commit costs another attempt; one that is lost in it is domain.ErrUnavailable, and the caller has to look.
func (s *Store) InTx(ctx context.Context, fn func(domain.Store) error) error {
	if s.inTx {
		return fn(s)
	}
	var committing bool
	err := repeat(ctx, func() error {
		committing = false
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			inside := *s
			inside.queries, inside.inTx = s.queries.WithTx(tx), true
			err := fn(&inside)
			committing = err == nil
			return err
		})
	}, func(err error) bool {
		// Of a connection that was lost after COMMIT nobody knows what became of the transaction. Before, nothing did.
		// pgconn.SafeToRetry cannot tell them apart: it says yes of a COMMIT that was sent and not answered.
		return isConflict(err) || !committing && isLost(err)
	})
	if err == nil {
		s.condition.wrote()
	}
	return translate(err, nil)
}

// toLimit makes a number of rows fit for LIMIT and OFFSET.
func toLimit(n int) int32 {
	return int32(min(max(n, 0), math.MaxInt32))
}
