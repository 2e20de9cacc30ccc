package pgstore

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/pgkit"
)

// PreparedStatements returns the number of statements that are prepared on a connection of the
// pool.
func (s *Store) PreparedStatements(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM pg_prepared_statements").Scan(&n)
	return n, err
}

// CountBatches counts the queries for many actors from now on.
func (s *Store) CountBatches() *atomic.Int64 {
	var count atomic.Int64
	s.actors = pgkit.NewBatcher(pgkit.Batch[actorKey, domain.User]{
		One: s.getActor, Missing: pgx.ErrNoRows,
		Many: func(ctx context.Context, keys []actorKey) (map[actorKey]domain.User, error) {
			count.Add(1)
			return s.getActors(ctx, keys)
		},
	})
	return &count
}

// GetActors looks up many actors, as a batch does.
func (s *Store) GetActors(ctx context.Context, sessionIDs ...string) error {
	keys := make([]actorKey, len(sessionIDs))
	for i, id := range sessionIDs {
		keys[i].sessionID = id
	}
	_, err := s.getActors(ctx, keys)
	return err
}
