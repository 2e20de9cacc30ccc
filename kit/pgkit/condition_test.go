package pgkit_test

import (
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

func wantRefusal(t *testing.T, pool *pgkit.Pool, want bool) {
	t.Helper()
	if got, err := pool.RefusesWrites(t.Context()); err != nil || got != want {
		t.Errorf("writes are refused: %t (%v), want %t", got, err, want)
	}
}

// write writes in a transaction.
func write(t *testing.T, pool *pgkit.Pool) error {
	t.Helper()
	return pool.InTx(t.Context(), func(tx pgx.Tx) error { return rename(t.Context(), tx, 1, "one") })
}

// A rejected write resets the pool, because another server may be the primary now.
func TestReadOnlyServerIsNoticedUntilItAcceptsWrites(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	alterDatabase(t, databaseURL, "default_transaction_read_only = on")
	pool := open(t, databaseURL, pgkit.Options{})
	wantRefusal(t, pool, true)
	conn := testdb.Connect(t, databaseURL)
	for _, sql := range []string{
		"SET default_transaction_read_only = off",
		"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); " +
			"END $$",
	} {
		_, err := conn.Exec(t.Context(), sql)
		noError(t, err)
	}
	wantRefusal(t, pool, true) // on its old connection
	wantUnavailable(t, write(t, pool), pgerrcode.ReadOnlySQLTransaction)
	if err := write(t, pool); err != nil {
		t.Errorf("writing fails: %v", err)
	}
	wantRefusal(t, pool, false)
}

func TestFullDiskIsRememberedUntilAWrite(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL, pgkit.Options{})
	wantRefusal(t, pool, false)
	failWith(t, databaseURL, pgerrcode.DiskFull)
	wantUnavailable(t, write(t, pool), pgerrcode.DiskFull)
	wantRefusal(t, pool, true)
	testdb.Exec(t, databaseURL, "DROP FUNCTION fail CASCADE")
	wantRefusal(t, pool, true) // no write since
	noError(t, write(t, pool))
	wantRefusal(t, pool, false)
}

func TestNowIsTheTimeOfTheServer(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	before := testdb.Value[time.Time](t, databaseURL, "SELECT clock_timestamp()")
	now, err := open(t, databaseURL, pgkit.Options{}).Now(t.Context())
	after := testdb.Value[time.Time](t, databaseURL, "SELECT clock_timestamp()")
	if err != nil || now.Before(before) || now.After(after) {
		t.Errorf("it is %s (%v), not between %s and %s", now, err, before, after)
	}
}

// Reads of the condition run again after a lost connection, too.
func TestConditionIsReadAgain(t *testing.T) {
	t.Parallel()
	for marker, query := range map[string]func(*pgkit.Pool) error{
		"transaction_read_only": func(p *pgkit.Pool) error { _, err := p.RefusesWrites(t.Context()); return err },
		"clock_timestamp":       func(p *pgkit.Pool) error { _, err := p.Now(t.Context()); return err },
		"pg_settings":           func(p *pgkit.Pool) error { _, err := p.MissingLimits(t.Context()); return err },
	} {
		pool := open(t, testdb.LoseOnce(t, databases.URL(t), marker, true), pgkit.Options{})
		if err := query(pool); err != nil {
			t.Errorf("%s: %v", marker, err)
		}
		pool.Close() // before the proxy ends
	}
}

// A standby may lag behind.
func TestPrimaryIsChosenAmongSeveralHosts(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	// The search path finds this pg_is_in_recovery first.
	testdb.Exec(t, databaseURL, `CREATE SCHEMA standby;
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
		err := open(t, test.url, pgkit.Options{}).Ping(t.Context())
		if test.connected && err != nil {
			t.Errorf("%s: %v", test.url, err)
		}
		if !test.connected {
			wantUnavailable(t, err, "")
		}
	}
}
