package pgkit_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

func TestClassesOfServerErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		unavailable, conflict bool
		violated              string
	}{
		pgerrcode.SerializationFailure:            {true, true, ""},
		pgerrcode.DeadlockDetected:                {true, true, ""},
		pgerrcode.TooManyConnections:              {true, false, ""},
		pgerrcode.DiskFull:                        {true, false, ""},
		pgerrcode.AdminShutdown:                   {true, false, ""},
		pgerrcode.QueryCanceled:                   {true, false, ""},
		pgerrcode.LockNotAvailable:                {true, false, ""},
		pgerrcode.ReadOnlySQLTransaction:          {true, false, ""},
		pgerrcode.IdleInTransactionSessionTimeout: {true, false, ""},
		pgerrcode.ConnectionFailure:               {true, false, ""},
		pgerrcode.UniqueViolation:                 {false, false, "a_key"},
		pgerrcode.ForeignKeyViolation:             {false, false, "a_key"},
		pgerrcode.CheckViolation:                  {false, false, ""},
		pgerrcode.UndefinedTable:                  {false, false, ""},
	} {
		err := errors.Join(&pgconn.PgError{Code: code, ConstraintName: "a_key"}) // wrapped
		if pgkit.Unavailable(err) != want.unavailable || pgkit.Conflict(err) != want.conflict ||
			pgkit.Violated(err) != want.violated {
			t.Errorf("%s: unavailable %t, conflict %t, violated %q",
				code, pgkit.Unavailable(err), pgkit.Conflict(err), pgkit.Violated(err))
		}
	}
	for _, err := range []error{nil, errors.New("a bug"), context.Canceled} {
		if pgkit.Unavailable(err) || pgkit.Conflict(err) || pgkit.Violated(err) != "" {
			t.Errorf("%v is classified", err)
		}
	}
}

func TestViolatedNamesTheConstraint(t *testing.T) {
	t.Parallel()
	pool := open(t, databases.URL(t), pgkit.Options{})
	if got := pgkit.Violated(rename(t.Context(), pool, 1, "two")); got != "things_name_key" {
		t.Errorf("got %q", got)
	}
}

func TestUnreachableServerIsUnavailable(t *testing.T) {
	t.Parallel()
	wantUnavailable(t, open(t, "postgres://u:p@"+unusedAddress(t)+"/d", pgkit.Options{}).Ping(t.Context()), "")
}

func TestClosedPoolIsUnavailable(t *testing.T) {
	t.Parallel()
	pool := open(t, databases.URL(t), pgkit.Options{})
	pool.Close()
	wantUnavailable(t, pool.Ping(t.Context()), "")
}

// A changed password and a moved database are not the fault of a request, and may be temporary.
func TestRejectedConnectionIsUnavailable(t *testing.T) {
	t.Parallel()
	good := databases.URL(t)
	for name, change := range map[string]func(*url.URL){
		"no such database": func(u *url.URL) { u.Path = "/nowhere" },
		"wrong password":   func(u *url.URL) { u.User = url.UserPassword("missing", "nothing") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := parse(t, good)
			change(changed)
			pool := open(t, changed.String(), pgkit.Options{})
			_, err := read(t, pool)
			wantUnavailable(t, err, "")
			wantUnavailable(t, pool.Ping(t.Context()), "")
		})
	}
}

func TestStatementTimeoutIsUnavailable(t *testing.T) {
	t.Parallel()
	pool := open(t, databases.URL(t), pgkit.Options{MaxConns: 1})
	_, err := pool.Exec(t.Context(), "SET statement_timeout = '20ms'")
	noError(t, err)
	_, err = pool.Exec(t.Context(), "SELECT pg_sleep(60)")
	wantUnavailable(t, err, pgerrcode.QueryCanceled)
}

func TestLockTimeoutIsUnavailable(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	lockThings(t, databaseURL)
	pool := open(t, databaseURL, pgkit.Options{MaxConns: 1})
	_, err := pool.Exec(t.Context(), "SET lock_timeout = '20ms'")
	noError(t, err)
	wantUnavailable(t, rename(t.Context(), pool, 1, "new"), pgerrcode.LockNotAvailable)
}

// lockThings locks the rows until the test ends.
func lockThings(t *testing.T, databaseURL string) {
	t.Helper()
	other := testdb.Connect(t, databaseURL)
	for _, sql := range []string{"BEGIN", "SELECT FROM things FOR UPDATE"} {
		_, err := other.Exec(t.Context(), sql)
		noError(t, err)
	}
}

func TestReadOnlyDatabaseIsUnavailableForWrites(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	alterDatabase(t, databaseURL, "default_transaction_read_only = on")
	pool := open(t, databaseURL, pgkit.Options{})
	wantUnavailable(t, rename(t.Context(), pool, 1, "new"), pgerrcode.ReadOnlySQLTransaction)
	if name, err := read(t, pool); name != "one" || err != nil {
		t.Errorf("reading gives %q, %v", name, err)
	}
}

func TestPassedDeadlineIsUnavailable(t *testing.T) {
	t.Parallel()
	pool := open(t, databases.URL(t), pgkit.Options{MaxConns: 1})
	hold(t, pool, 1, func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		wantUnavailable(t, rename(ctx, pool, 1, "new"), "")
	})
}

// A client that disconnects cancels its query, which is no failure of the database.
func TestCanceledContextCancelsTheQuery(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL, pgkit.Options{ApplicationName: "canceled"})
	lockThings(t, databaseURL)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() { failed <- rename(ctx, pool, 1, "new") }()
	const waits = `EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'canceled' AND wait_event_type = 'Lock')`
	testdb.Await(t, databaseURL, "SELECT "+waits)
	cancel()
	if err := <-failed; pgkit.Unavailable(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context was canceled", err)
	}
	testdb.Await(t, databaseURL, "SELECT NOT "+waits) // the server has canceled it
	if _, err := read(t, pool); err != nil {
		t.Errorf("the next query fails: %v", err)
	}
}

func TestLostAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	pool := open(t, testdb.LoseAnswer(t, databases.URL(t), "UPDATE things", 1), pgkit.Options{})
	defer pool.Close() // before the proxy ends
	wantUnavailable(t, rename(t.Context(), pool, 1, "new"), "")
}
