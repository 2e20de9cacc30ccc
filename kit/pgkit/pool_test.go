package pgkit_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

func TestOpenDoesNotShowThePassword(t *testing.T) {
	t.Parallel()
	for _, databaseURL := range []string{
		"postgres://user:pa%zzss@localhost/db", "postgres://user:hunter2@localhost:port/db",
		"postgres://user:hunter2@localhost/db?sslmode=maybe", "user=u password=hunter2 host=/ port=x",
	} {
		_, err := pgkit.Open(t.Context(), databaseURL, pgkit.Options{})
		if !errors.Is(err, pgkit.ErrDatabaseURL) {
			t.Errorf("%s: got %v", databaseURL, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "pa%zz") {
			t.Errorf("%v shows the password", err)
		}
	}
}

func TestMissingFileOfTheURLIsNamed(t *testing.T) {
	t.Parallel()
	_, err := pgkit.ParseURL("postgres://ann:hunter2@host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem")
	if !errors.Is(err, pgkit.ErrDatabaseURL) || strings.Contains(err.Error(), "hunter2") ||
		!strings.Contains(err.Error(), "/nowhere/ca.pem") {
		t.Errorf("got %v", err)
	}
}

func TestOpenMakesNoConnection(t *testing.T) {
	t.Parallel()
	pool, err := pgkit.Open(t.Context(), "postgres://u:p@127.0.0.1:1/d", pgkit.Options{})
	noError(t, err)
	pool.Close()
}

// The limits of the pool win over the defaults of role and database.
func TestConnectionsHaveLimits(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	for _, setting := range []string{
		"statement_timeout = 0", "lock_timeout = 0", "idle_in_transaction_session_timeout = 0",
		"timezone = 'Asia/Kathmandu'",
	} {
		alterDatabase(t, databaseURL, setting)
	}
	pool := open(t, databaseURL, pgkit.Options{MaxConns: 1, ApplicationName: "limits of a test"})
	for name, want := range map[string]string{
		"statement_timeout": "8000", "lock_timeout": "5000", "idle_in_transaction_session_timeout": "15000",
		"TimeZone": "UTC", "application_name": "limits of a test",
	} {
		var got string
		noError(t, pool.QueryRow(t.Context(), "SELECT setting FROM pg_settings WHERE name = $1", name).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestPoolHasASize(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL, pgkit.Options{MinConns: 1, MaxConns: 2, ApplicationName: "size"})
	const opened = "SELECT count(*) = $1 FROM pg_stat_activity WHERE datname = current_database() AND " +
		"application_name = 'size'"
	testdb.Await(t, databaseURL, opened, 1)
	hold(t, pool, 2, func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		wantUnavailable(t, pool.Ping(ctx), "")
		if stats := pool.Stats(); stats.InUse != 2 || stats.Max != 2 || stats.Canceled == 0 {
			t.Errorf("the stats are %+v", stats)
		}
	})
	if !testdb.Value[bool](t, databaseURL, opened, 2) {
		t.Error("there are not 2 connections")
	}
	pool.Close()
	testdb.Await(t, databaseURL, opened, 0)
}

// hold calls fn while n connections are acquired.
func hold(t *testing.T, pool *pgkit.Pool, n int, fn func()) {
	t.Helper()
	if n == 0 {
		fn()
		return
	}
	noError(t, pool.InTx(t.Context(), func(pgx.Tx) error {
		hold(t, pool, n-1, fn)
		return nil
	}))
}

func TestPlannerPlansEachQuery(t *testing.T) {
	t.Parallel()
	pool := open(t, databases.URL(t), pgkit.Options{MaxConns: 1})
	const prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM things%'"
	count := func() (n int) {
		noError(t, pool.QueryRow(t.Context(), prepared).Scan(&n))
		return n
	}
	query := func(db interface {
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	},
	) {
		rows, err := db.Query(t.Context(), "SELECT name FROM things WHERE id = $1", 1)
		noError(t, err)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		noError(t, err)
		if len(names) != 1 {
			t.Errorf("got %v", names)
		}
	}
	query(pool.Planner())
	if n := count(); n != 0 {
		t.Errorf("the planner prepared %d statements", n)
	}
	query(pool)
	if n := count(); n != 1 {
		t.Errorf("the pool prepared %d statements, want 1", n)
	}
}
