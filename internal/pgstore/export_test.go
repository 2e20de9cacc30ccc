package pgstore

import "context"

// PreparedStatements returns how many statements the server keeps for one connection of the pool.
func (s *Store) PreparedStatements(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM pg_prepared_statements").Scan(&n)
	return n, err
}
