package pgstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func TestOpenDoesNotShowThePassword(t *testing.T) {
	t.Parallel()
	for _, databaseURL := range []string{
		"postgres://user:pa%zzss@localhost/db", "postgres://user:hunter2@localhost:port/db",
		"postgres://user:hunter2@localhost/db?sslmode=maybe", "user=u password=hunter2 host=/ port=x",
	} {
		_, err := pgstore.Open(t.Context(), databaseURL, pgstore.Options{})
		if err == nil {
			t.Errorf("%s was opened", databaseURL)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "pa%zz") {
			t.Errorf("%v shows the password", err)
		}
	}
}

func TestOpenMakesNoConnection(t *testing.T) {
	t.Parallel()
	store, err := pgstore.Open(t.Context(), "postgres://u:p@127.0.0.1:1/d", pgstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
}

func TestPing(t *testing.T) {
	t.Parallel()
	if err := pgtest.New(t).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// What a connection may do without is set on the server, whatever the role's and the database's defaults are.
func TestConnectionsHaveLimits(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	for _, setting := range []string{
		"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone",
	} {
		value := "0"
		if setting == "timezone" {
			value = "'Asia/Kathmandu'"
		}
		alterDatabase(t, databaseURL, setting+" = "+value)
	}
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 1, ApplicationName: "limits of a test"})
	pgtest.Exec(t, databaseURL, "CREATE TABLE seen (name text, setting text)")
	onSession(t, databaseURL, store, `1 FROM seen; INSERT INTO seen SELECT name, setting FROM pg_settings`)
	for name, want := range map[string]string{
		"statement_timeout": "8000", "lock_timeout": "5000", "idle_in_transaction_session_timeout": "15000",
		"TimeZone": "UTC", "application_name": "limits of a test",
	} {
		if got := pgtest.Value[string](t, databaseURL, "SELECT setting FROM seen WHERE name = $1", name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestThePoolKeepsToItsSize(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MinConns: 1, MaxConns: 2, ApplicationName: "size"})
	const open = "SELECT count(*) = $1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'size'"
	pgtest.Await(t, databaseURL, open, 1)
	err := store.InTx(t.Context(), func(domain.Store) error {
		return store.InTx(t.Context(), func(domain.Store) error {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			wantCode(t, store.Ping(ctx), domain.ErrUnavailable)
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
	if !pgtest.Value[bool](t, databaseURL, open, 2) {
		t.Error("there are not 2 connections")
	}
	store.Close()
	pgtest.Await(t, databaseURL, open, 0)
}

func TestInTx(t *testing.T) {
	t.Parallel()
	failure := errors.New("fn failed")
	rename := func(ctx context.Context, store domain.Store, id, name string) error {
		_, err := store.UpdateUser(ctx, id, domain.UserUpdate{SetName: true, Name: &name})
		return err
	}
	for name, test := range map[string]struct {
		fn   func(ctx context.Context, tx domain.Store, id string) error
		kept bool
		want error
	}{
		"commits when fn returns nil": {
			func(ctx context.Context, tx domain.Store, id string) error { return rename(ctx, tx, id, "new") }, true, nil,
		},
		"rolls back when fn fails": {
			func(ctx context.Context, tx domain.Store, id string) error {
				return errors.Join(rename(ctx, tx, id, "new"), failure)
			}, false, failure,
		},
		"is the same transaction inside itself": {
			func(ctx context.Context, tx domain.Store, id string) error {
				nested := tx.InTx(ctx, func(inner domain.Store) error { return rename(ctx, inner, id, "new") })
				return errors.Join(nested, failure)
			}, false, failure,
		},
		"hands a failure inside itself to fn": {
			func(ctx context.Context, tx domain.Store, id string) error {
				if err := tx.InTx(ctx, func(domain.Store) error { return failure }); !errors.Is(err, failure) {
					return err
				}
				return rename(ctx, tx, id, "new")
			}, true, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := pgtest.New(t)
			user := pgtest.User(t, store, pgtest.UserOpts{})
			err := store.InTx(t.Context(), func(tx domain.Store) error { return test.fn(t.Context(), tx, user.ID) })
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			after, err := store.GetUser(t.Context(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			if kept := after.Name != nil; kept != test.kept {
				t.Errorf("kept: %t, want %t", kept, test.kept)
			}
		})
	}
}

func TestInTxIsInvisibleUntilItsEnd(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		user := pgtest.User(t, tx, pgtest.UserOpts{})
		_, err := store.GetUser(t.Context(), user.ID)
		wantCode(t, err, domain.ErrUserNotFound)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAPanicRollsBackAndReturnsTheConnection(t *testing.T) {
	t.Parallel()
	store := pgtest.NewStore(t, pgtest.URL(t), pgstore.Options{MaxConns: 1})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = store.InTx(t.Context(), func(tx domain.Store) error {
			name := "new"
			if _, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{SetName: true, Name: &name}); err != nil {
				return err
			}
			panic("a bug")
		})
	}()
	after, err := store.GetUser(t.Context(), user.ID) // on the only connection
	if err != nil || after.Name != nil {
		t.Errorf("the user is %+v (%v)", after, err)
	}
}

// Two transactions lock the same two rows in opposite order. PostgreSQL ends one of them, for the sake of the other.
func TestADeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	a, b := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{})
	runs := race(t, store, [2][2]string{{a.ID, b.ID}, {b.ID, a.ID}})
	if runs < 3 { // more, if they collide again
		t.Errorf("the two transactions ran %d times, want 3", runs)
	}
}

// Two transactions change a row that both have read, which REPEATABLE READ refuses to the second.
func TestASerializationFailureIsRunAgain(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	alterDatabase(t, databaseURL, "default_transaction_isolation = 'repeatable read'")
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	a, b := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{})
	c := pgtest.User(t, store, pgtest.UserOpts{})
	runs := race(t, store, [2][2]string{{a.ID, c.ID}, {b.ID, c.ID}})
	if runs < 3 { // more, if they collide again
		t.Errorf("the two transactions ran %d times, want 3", runs)
	}
}

// race runs two transactions, each of which changes its first user, waits for the other one to have done so the first
// time, and then changes its second. It returns how often they ran until both had gone through.
func race(t *testing.T, store *pgstore.Store, users [2][2]string) int32 {
	t.Helper()
	var runs atomic.Int32
	var group, changed sync.WaitGroup
	changed.Add(2)
	for _, pair := range users {
		group.Go(func() {
			var once sync.Once
			err := store.InTx(t.Context(), func(tx domain.Store) error {
				runs.Add(1)
				if _, err := tx.UpdateUser(t.Context(), pair[0], domain.UserUpdate{}); err != nil {
					return err
				}
				once.Do(changed.Done)
				changed.Wait()
				_, err := tx.UpdateUser(t.Context(), pair[1], domain.UserUpdate{})
				return err
			})
			if err != nil {
				t.Errorf("a transaction failed with %v", err)
			}
		})
	}
	group.Wait()
	return runs.Load()
}

func TestInTxGivesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code string
		runs int
		want *domain.Error
	}{
		"after three deadlocks":               {pgerrcode.DeadlockDetected, 3, domain.ErrUnavailable},
		"after three serialization failures":  {pgerrcode.SerializationFailure, 3, domain.ErrUnavailable},
		"at once when a lock was not granted": {pgerrcode.LockNotAvailable, 1, domain.ErrUnavailable},
		"at once on a failure of our own":     {pgerrcode.UndefinedTable, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			pgtest.Exec(t, databaseURL, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN RAISE SQLSTATE '`+test.code+`'; END $$;
				CREATE TRIGGER fail BEFORE UPDATE ON users EXECUTE FUNCTION fail()`)
			store, runs := pgtest.NewStore(t, databaseURL, pgstore.Options{}), 0
			err := store.InTx(t.Context(), func(tx domain.Store) error {
				runs++
				return tx.RehashUserPassword(t.Context(), noSuchID, "", "")
			})
			if runs != test.runs {
				t.Errorf("it ran %d times, want %d", runs, test.runs)
			}
			if test.want == nil {
				wantServerError(t, err, test.code)
				return
			}
			wantCode(t, err, test.want)
			wantCauseCode(t, err, test.code)
		})
	}
}

func TestInTxStopsTryingWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE SQLSTATE '40001'; END $$;
		CREATE TRIGGER fail BEFORE UPDATE ON users EXECUTE FUNCTION fail()`)
	store, runs := pgtest.NewStore(t, databaseURL, pgstore.Options{}), 0
	ctx, cancel := context.WithCancel(t.Context())
	err := store.InTx(ctx, func(tx domain.Store) error {
		runs++
		err := tx.RehashUserPassword(ctx, noSuchID, "", "")
		cancel()
		return err
	})
	if runs != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("it ran %d times and failed with %v, want once and that the context was canceled", runs, err)
	}
}

// Statements after one that failed would fail too, with a code that hides the first: fn may go on all the same.
func TestATransactionThatWentOnAfterAFailureIsNotCommitted(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	taken := pgtest.User(t, store, pgtest.UserOpts{})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	name := "new"
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{SetName: true, Name: &name}); err != nil {
			return err
		}
		_, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{Email: &taken.Email})
		wantCode(t, err, domain.ErrEmailTaken)
		return nil
	})
	if err == nil {
		t.Error("the transaction claims to have been committed")
	}
	if after, err := store.GetUser(t.Context(), user.ID); err != nil || after.Name != nil {
		t.Errorf("the user is %+v (%v)", after, err)
	}
}
