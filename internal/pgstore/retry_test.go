package pgstore_test

import (
	"errors"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
	"example.com/plinth/kit/testdb"
)

// After a restart of the server nobody notices the connections that were open.
func TestConnectionsThatAreLost(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	const conns = 4
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MinConns: conns, MaxConns: conns, ApplicationName: "lost"})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	const open = " FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'lost'"
	for name, use := range map[string]func() error{
		"a query": func() error { _, err := store.GetUser(t.Context(), user.ID); return err },
		"a statement": func() error {
			return store.RehashUserPassword(t.Context(), user.ID, user.PasswordHash, user.PasswordHash)
		},
		"a transaction": func() error {
			return store.InTx(t.Context(), func(tx domain.Store) error { _, err := tx.LockUser(t.Context(), user.ID); return err })
		},
	} {
		holdConnections(t, store, conns)
		if killed := pgtest.Value[int](t, databaseURL, "SELECT count(pg_terminate_backend(pid, 60000))"+open); killed != conns {
			t.Fatalf("killed %d connections, want %d", killed, conns)
		}
		for range conns {
			if err := use(); err != nil {
				t.Errorf("%s fails: %v", name, err)
			}
		}
	}
}

// holdConnections has a number of connections open at the same time.
func holdConnections(t *testing.T, store *pgstore.Store, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	err := store.InTx(t.Context(), func(domain.Store) error {
		holdConnections(t, store, n-1)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Reading twice does no harm, so a query whose answer is lost is sent again.
func TestAQueryIsRunAgain(t *testing.T) {
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
			store.Close() // before its way to the server ends
		}
	}
}

// Until COMMIT is sent nothing has happened, and the whole transaction is run again. After that nobody knows.
func TestATransactionIsRunAgainUntilItsCommit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		marker   string
		answered bool
		runs     int
		kept     bool
	}{
		"lost before BEGIN":                {"begin", false, 1, true}, // it did not get as far as fn
		"lost after BEGIN":                 {"begin", true, 1, true},
		"lost before a statement":          {"UpdateUser", false, 2, true},
		"lost after a statement":           {"UpdateUser", true, 2, true},
		"lost before COMMIT":               {"commit", false, 1, false},
		"lost between COMMIT and its news": {"commit", true, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			direct := pgtest.NewStore(t, databaseURL, pgstore.Options{})
			user := pgtest.User(t, direct, pgtest.UserOpts{})
			store := pgtest.NewStore(t, testdb.LoseOnce(t, databaseURL, test.marker, test.answered), pgstore.Options{})
			defer store.Close() // before its way to the server ends
			runs, newName := 0, "new"
			err := store.InTx(t.Context(), func(tx domain.Store) error {
				runs++
				_, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{SetName: true, Name: &newName})
				return err
			})
			if test.marker == "commit" {
				wantCode(t, err, domain.ErrUnavailable)
			} else if err != nil {
				t.Error(err)
			}
			if runs != test.runs {
				t.Errorf("it ran %d times, want %d", runs, test.runs)
			}
			after, err := direct.GetUser(t.Context(), user.ID)
			if kept := after.Name != nil; err != nil || kept != test.kept {
				t.Errorf("kept: %t, want %t (%v)", kept, test.kept, err)
			}
		})
	}
}
