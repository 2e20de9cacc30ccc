package store_test

import (
	"errors"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
	"example.com/plinth/kit/testdb"
)

// Each method that only reads runs again after a lost connection.
func TestReadsRunAgainAfterALostConnection(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{false, true} {
		databaseURL := pgtest.URL(t)
		user := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{})
		for name, query := range map[string]func(*pgstore.Store) error{
			"GetUser":        func(s *pgstore.Store) error { _, err := s.GetUser(t.Context(), user.ID); return err },
			"GetUserByEmail": func(s *pgstore.Store) error { _, err := s.GetUserByEmail(t.Context(), user.Email); return err },
			"ListUsersByAge": func(s *pgstore.Store) error {
				_, err := s.ListUsers(t.Context(), domain.UserQuery{Range: paging.Range{Limit: 1}})
				return err
			},
			"GetActor": func(s *pgstore.Store) error {
				if _, err := s.GetActor(t.Context(), noSuchID, user.ID); !errors.Is(err, domain.ErrInvalidToken) {
					return err
				}
				return nil
			},
			"transaction_read_only": func(s *pgstore.Store) error { _, err := s.RefusesWrites(t.Context()); return err },
			"clock_timestamp":       func(s *pgstore.Store) error { _, err := s.Now(t.Context()); return err },
		} {
			store := pgtest.NewStore(t, testdb.LoseOnce(t, databaseURL, name, answered), pgstore.Options{})
			if err := query(store); err != nil {
				t.Errorf("%s, answered: %t: %v", name, answered, err)
			}
			store.Close() // before the proxy ends
		}
	}
}
