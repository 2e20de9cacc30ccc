package pgkit_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

// things is the schema of the tests, with three rows.
const things = `CREATE TABLE things (id int PRIMARY KEY, name text CONSTRAINT things_name_key UNIQUE);
	INSERT INTO things VALUES (1, 'one'), (2, 'two'), (3, 'three')`

var databases = testdb.New(testdb.Options{
	Project: "plinthkit", Getenv: os.Getenv,
	Migrations: fstest.MapFS{"things.sql": {Data: []byte(things)}},
	Migrate: func(ctx context.Context, databaseURL string) error {
		conn, err := pgx.Connect(ctx, databaseURL)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, things)
		return errors.Join(err, conn.Close(ctx))
	},
})

// open returns a pool that is closed when the test ends.
func open(t *testing.T, databaseURL string, options pgkit.Options) *pgkit.Pool {
	t.Helper()
	if options.MaxConns == 0 {
		options.MaxConns = 4
	}
	pool, err := pgkit.Open(t.Context(), databaseURL, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// execer is a pool or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func rename(ctx context.Context, db execer, id int, name string) error {
	_, err := db.Exec(ctx, "-- name: Rename :exec\nUPDATE things SET name = $2 WHERE id = $1", id, name)
	return err
}

func nameOf(t *testing.T, databaseURL string) string {
	t.Helper()
	return testdb.Value[string](t, databaseURL, "SELECT name FROM things WHERE id = 1")
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantUnavailable checks the class of an error, and its SQLSTATE unless that is empty.
func wantUnavailable(t *testing.T, err error, code string) {
	t.Helper()
	if !pgkit.Unavailable(err) {
		t.Errorf("got %v, want an error of the class Unavailable", err)
	}
	if code != "" {
		wantServerError(t, err, code)
	}
}

func wantServerError(t *testing.T, err error, code string) {
	t.Helper()
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != code {
		t.Errorf("got %v, want SQLSTATE %s", err, code)
	}
}

// alterDatabase changes a default of later connections.
func alterDatabase(t *testing.T, databaseURL, setting string) {
	t.Helper()
	name := testdb.Value[string](t, databaseURL, "SELECT quote_ident(current_database())")
	testdb.Exec(t, databaseURL, "ALTER DATABASE "+name+" SET "+setting)
}

func parse(t *testing.T, databaseURL string) *url.URL {
	t.Helper()
	u, err := url.Parse(databaseURL)
	noError(t, err)
	return u
}

// unusedAddress returns an address of this machine without a listener.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	noError(t, err)
	defer listener.Close() //nolint:errcheck // unused
	return listener.Addr().String()
}
