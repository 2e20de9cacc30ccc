package testdb_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/kit/testdb"
)

// options have a schema of one table.
func options(getenv func(string) string) testdb.Options {
	const sql = "CREATE TABLE things (id int)"
	return testdb.Options{
		Project: "plinthkit", Getenv: getenv,
		Migrations: fstest.MapFS{"things.sql": &fstest.MapFile{Data: []byte(sql)}},
		Migrate: func(ctx context.Context, databaseURL string) error {
			conn, err := pgx.Connect(ctx, databaseURL)
			if err != nil {
				return err
			}
			_, err = conn.Exec(ctx, sql)
			return errors.Join(err, conn.Close(ctx))
		},
	}
}

var databases = testdb.New(options(os.Getenv))

func TestURLIsMigratedAndEmpty(t *testing.T) {
	t.Parallel()
	if n := testdb.Value[int](t, databases.URL(t), "SELECT count(*) FROM things"); n != 0 {
		t.Errorf("a new database holds %d rows", n)
	}
}

func TestEmptyURLHasNoTables(t *testing.T) {
	t.Parallel()
	const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	if n := testdb.Value[int](t, databases.EmptyURL(t), tables); n != 0 {
		t.Errorf("an empty database holds %d tables", n)
	}
}

func TestDatabasesAreIsolated(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			testdb.Exec(t, databases.URL(t), "CREATE TABLE mine AS SELECT 1 AS n") // fails on a second one
		})
	}
}

func TestDatabaseIsGoneAfterItsTest(t *testing.T) {
	t.Parallel()
	var used string
	t.Cleanup(func() { // runs after the parallel subtest
		conn, err := pgx.Connect(context.WithoutCancel(t.Context()), used)
		if err == nil {
			_ = conn.Close(context.WithoutCancel(t.Context()))
		}
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != "3D000" { // invalid_catalog_name
			t.Errorf("connecting gives %v, want that the database does not exist", err)
		}
	})
	t.Run("leaks a connection", func(t *testing.T) {
		t.Parallel()
		used = databases.URL(t)
		_, err := pgx.Connect(t.Context(), used)
		must(t, err)
	})
}

// BenchmarkURL measures the cost of a database for a test: creating it, and the first connection.
func BenchmarkURL(b *testing.B) {
	for b.Loop() {
		conn, err := pgx.Connect(b.Context(), databases.URL(b))
		if err != nil {
			b.Fatal(err)
		}
		if err := conn.Ping(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := conn.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRolesOfTwoRoles(t *testing.T) {
	t.Parallel()
	owner, service := databases.TwoRoles(t)
	testdb.Exec(t, owner, "CREATE TABLE things (id int)")
	if testdb.Value[bool](t, service, "SELECT has_table_privilege('things', 'SELECT')") {
		t.Error("the role of the service may read a table of the owner")
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	testdb.Exec(t, databaseURL, "INSERT INTO things VALUES (1), ($1)", 2)
	type thing struct{ ID int }
	if rows := testdb.Rows[thing](t, databaseURL, "SELECT id FROM things ORDER BY id"); len(rows) != 2 ||
		rows[1].ID != 2 {
		t.Errorf("got %v", rows)
	}
	testdb.Await(t, databaseURL, "SELECT count(*) = $1 FROM things", 2)
	if conn := testdb.Connect(t, databaseURL); conn.Ping(t.Context()) != nil {
		t.Error("the connection is closed")
	}
}

func TestDigestChangesWithARow(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	if tables := testdb.Tables(t, databaseURL); !slices.Equal(tables, []string{"things"}) {
		t.Errorf("got %q", tables)
	}
	empty := testdb.Digest(t, databaseURL)
	testdb.Exec(t, databaseURL, "CREATE TABLE journal (id int)")
	testdb.Exec(t, databaseURL, "INSERT INTO journal VALUES (1)")
	if got := testdb.Digest(t, databaseURL, "journal"); got != empty {
		t.Error("a row of another table changes the digest")
	}
	testdb.Exec(t, databaseURL, "INSERT INTO things VALUES (1)")
	one := testdb.Digest(t, databaseURL, "journal")
	testdb.Exec(t, databaseURL, "UPDATE things SET id = 2")
	if two := testdb.Digest(t, databaseURL, "journal"); one == empty || two == one {
		t.Error("a row does not change the digest")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
