package testdb_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/internal/pgtest"
)

func TestURLIsMigratedAndEmpty(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.URL(t))
	if n := count(t, conn, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("a new database holds %d users", n)
	}
}

func TestEmptyURLHasNoTables(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.EmptyURL(t))
	if n := count(t, conn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
		t.Errorf("an empty database holds %d tables", n)
	}
}

func TestDatabasesAreIsolated(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			conn := connect(t, pgtest.URL(t))
			if _, err := conn.Exec(t.Context(), "CREATE TABLE mine AS SELECT 1 AS n"); err != nil {
				t.Errorf("somebody else's table is in the way: %v", err)
			}
		})
	}
}

func TestDatabaseIsGoneAfterItsTest(t *testing.T) {
	t.Parallel()
	var used string
	t.Cleanup(func() { // runs when the subtest, parallel or not, is over
		conn, err := pgx.Connect(context.WithoutCancel(t.Context()), used)
		if err == nil {
			_ = conn.Close(context.WithoutCancel(t.Context()))
		}
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != "3D000" { // invalid_catalog_name
			t.Errorf("connecting gives %v, want that the database does not exist", err)
		}
	})
	t.Run("uses one and forgets a connection", func(t *testing.T) {
		t.Parallel()
		used = pgtest.URL(t)
		_, err := pgx.Connect(t.Context(), used)
		must(t, err)
	})
}

// BenchmarkURL measures what a test pays for its database: creating it and the
// first connection.
func BenchmarkURL(b *testing.B) {
	for b.Loop() {
		conn, err := pgx.Connect(b.Context(), pgtest.URL(b))
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

func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func count(t *testing.T, conn *pgx.Conn, sql string) int {
	t.Helper()
	var n int
	must(t, conn.QueryRow(t.Context(), sql).Scan(&n))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
