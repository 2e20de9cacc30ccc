// Package pgstore keeps the domain's data in PostgreSQL. It is the only package of the service
// that imports pgx: rows become domain values here, and driver errors become domain errors, by
// constraint name and SQLSTATE, never by text. kit/pgkit has what no table determines.
//
// It must not know HTTP, and it does not log.
package pgstore

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/jobs"
	"example.com/plinth/kit/pgkit"
)

// Options tune a Store; the zero value works.
type Options = pgkit.Options

// Store is domain.Store on a PostgreSQL pool, or, inside InTx, on a transaction. Methods without a
// comment are described there.
type Store struct {
	pool    *pgkit.Pool
	queries *dbsqlc.Queries
	planned *dbsqlc.Queries // see pgkit.Planner; only for reads outside of transactions
	actors  *pgkit.Batcher[actorKey, domain.User]
	jobs    *jobs.Queue
	logged  bool   // Options.OnQuery is set
	tx      pgx.Tx // nil outside of InTx
}

var _ domain.Store = (*Store)(nil)

// Open returns a store. It connects on demand, so an unreachable server is no error here: call
// Ping. It fails with [pgkit.ErrDatabaseURL].
func Open(ctx context.Context, databaseURL string, options Options) (*Store, error) {
	pool, err := pgkit.Open(ctx, databaseURL, options)
	if err != nil {
		return nil, err
	}
	queue, err := jobs.NewQueue()
	if err != nil {
		return nil, err
	}
	s := &Store{
		pool: pool, jobs: queue, queries: dbsqlc.New(pool), planned: dbsqlc.New(pool.Planner()), logged: options.OnQuery != nil,
	}
	s.actors = pgkit.NewBatcher(pgkit.Batch[actorKey, domain.User]{
		One: s.getActor, Many: s.getActors, Missing: pgx.ErrNoRows, OnWait: pool.WaitSpans("GetActors"),
	})
	return s, nil
}

// Close waits for acquired connections and closes all.
func (s *Store) Close() { s.pool.Close() }

// Ping checks that the server answers. It fails with domain.ErrUnavailable.
func (s *Store) Ping(ctx context.Context) error { return translate(s.pool.Ping(ctx), nil) }

// PoolStats returns the state of the pool.
func (s *Store) PoolStats() pgkit.Stats { return s.pool.Stats() }

// RefusesWrites is [pgkit.Pool.RefusesWrites]. It fails with domain.ErrUnavailable.
func (s *Store) RefusesWrites(ctx context.Context) (bool, error) {
	refuses, err := s.pool.RefusesWrites(ctx)
	return refuses, translate(err, nil)
}

// Now returns the time of the server, which sessions and tokens go by. It fails with
// domain.ErrUnavailable.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	now, err := s.pool.Now(ctx)
	return now, translate(err, nil)
}

// MissingLimits is [pgkit.Pool.MissingLimits]. It fails with domain.ErrUnavailable.
func (s *Store) MissingLimits(ctx context.Context) ([]string, error) {
	missing, err := s.pool.MissingLimits(ctx)
	return missing, translate(err, nil)
}

// InTx is domain.Store.InTx on [pgkit.Pool.InTx]. Inside a transaction it runs fn in that
// transaction. After a connection that was lost during the commit the outcome is unknown:
// domain.ErrUnavailable.
func (s *Store) InTx(ctx context.Context, fn func(domain.Store) error) error {
	if s.tx != nil {
		return fn(s)
	}
	return translate(s.pool.InTx(ctx, func(tx pgx.Tx) error {
		inside := *s
		inside.queries, inside.tx = s.queries.WithTx(tx), tx
		return fn(&inside)
	}), nil)
}

// read is [pgkit.Read] for queries outside of a transaction. Inside one, the transaction runs
// again.
func read[T any](ctx context.Context, s *Store, query func() (T, error)) (T, error) {
	if s.tx != nil {
		return query()
	}
	return pgkit.Read(ctx, query)
}

// toLimit converts a number of rows for LIMIT and OFFSET.
func toLimit(n int) int32 {
	return int32(min(max(n, 0), math.MaxInt32))
}
