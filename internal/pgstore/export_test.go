package pgstore

import (
	"context"
	"sync/atomic"

	"example.com/plinth/internal/domain"
)

// PreparedStatements returns how many statements the server keeps for one connection of the pool.
func (s *Store) PreparedStatements(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM pg_prepared_statements").Scan(&n)
	return n, err
}

// Get is how many callers of a batcher share statements.
type Get[K comparable, V any] = func(context.Context, K) (V, error)

// NewBatcher returns how to ask one question for many.
func NewBatcher[K comparable, V any](alone Get[K, V], together func(context.Context, []K) (map[K]V, error), missing error) Get[K, V] {
	return (&batcher[K, V]{alone: alone, together: together, missing: missing}).get
}

// BatchSize is how many callers a statement may ask for.
const BatchSize = batchSize

// CountBatches counts the statements that ask for many actors from now on.
func (s *Store) CountBatches() *atomic.Int64 {
	var count atomic.Int64
	together := s.actors.together
	s.actors.together = func(ctx context.Context, keys []actorKey) (map[actorKey]domain.User, error) {
		count.Add(1)
		return together(ctx, keys)
	}
	return &count
}

// GetActors asks for many actors at once, as a batch does.
func (s *Store) GetActors(ctx context.Context, sessionIDs ...string) error {
	keys := make([]actorKey, len(sessionIDs))
	for i, id := range sessionIDs {
		keys[i].sessionID = id
	}
	_, err := s.getActors(ctx, keys)
	return err
}
