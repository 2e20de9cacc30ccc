package pgkit_test

import (
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func wantRefusal(t *testing.T, store *pgstore.Store, want bool) {
	t.Helper()
	if got, err := store.RefusesWrites(t.Context()); err != nil || got != want {
		t.Errorf("writes are refused: %t (%v), want %t", got, err, want)
	}
}

// touch writes something, in a transaction.
func touch(t *testing.T, store *pgstore.Store, id string) error {
	t.Helper()
	return store.InTx(t.Context(), func(tx domain.Store) error {
		_, err := tx.UpdateUser(t.Context(), id, domain.UserUpdate{})
		return err
	})
}

// A refused write has all connections made anew, because the one that takes writes may be another server by now.
func TestAReadOnlyServerIsNoticedAndItsEndToo(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	user := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{})
	alterDatabase(t, databaseURL, "default_transaction_read_only = on")
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	wantRefusal(t, store, true)
	conn := pgtest.Connect(t, databaseURL)
	for _, sql := range []string{
		"SET default_transaction_read_only = off",
		"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, store, true) // its connection is from before
	wantCode(t, touch(t, store, user.ID), domain.ErrUnavailable)
	if err := touch(t, store, user.ID); err != nil {
		t.Errorf("writing fails: %v", err)
	}
	wantRefusal(t, store, false)
}

func TestAFullDiskIsRemembered(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	wantRefusal(t, store, false)
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE SQLSTATE '53100'; END $$;
		CREATE TRIGGER fail BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fail()`)
	wantCode(t, touch(t, store, user.ID), domain.ErrUnavailable)
	wantRefusal(t, store, true)
	pgtest.Exec(t, databaseURL, "DROP FUNCTION fail CASCADE")
	wantRefusal(t, store, true) // nobody has written since
	if err := touch(t, store, user.ID); err != nil {
		t.Error(err)
	}
	wantRefusal(t, store, false)
}

func TestNowIsTheTimeOfTheServer(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	before := pgtest.Value[time.Time](t, databaseURL, "SELECT clock_timestamp()")
	now, err := pgtest.NewStore(t, databaseURL, pgstore.Options{}).Now(t.Context())
	after := pgtest.Value[time.Time](t, databaseURL, "SELECT clock_timestamp()")
	if err != nil || now.Before(before) || now.After(after) {
		t.Errorf("it is %s (%v), not between %s and %s", now, err, before, after)
	}
}

// On a standby, a session that has ended may still be alive.
func TestOfSeveralHostsThePrimaryIsAsked(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	// What looks up pg_is_in_recovery finds ours first.
	pgtest.Exec(t, databaseURL, `CREATE SCHEMA standby;
		CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'`)
	alterDatabase(t, databaseURL, "search_path = standby, pg_catalog, public")
	one, two := parse(t, databaseURL), parse(t, databaseURL)
	two.Host += "," + unusedAddress(t)
	anyOfTwo := *two
	anyOfTwo.RawQuery += "&target_session_attrs=any"
	for _, test := range []struct {
		url       string
		connected bool
	}{{one.String(), true}, {two.String(), false}, {anyOfTwo.String(), true}} {
		err := pgtest.NewStore(t, test.url, pgstore.Options{}).Ping(t.Context())
		if test.connected && err != nil {
			t.Errorf("%s: %v", test.url, err)
		}
		if !test.connected {
			wantCode(t, err, domain.ErrUnavailable)
		}
	}
}
