package testdb

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Connect returns a connection that is closed when the test ends.
func Connect(tb testing.TB, databaseURL string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), databaseURL)
	if err != nil {
		tb.Fatalf("connecting to a test database: %v", err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.WithoutCancel(tb.Context())) })
	return conn
}

// Exec runs a statement. An UPDATE or DELETE that changes no row fails the test.
func Exec(tb testing.TB, databaseURL, sql string, args ...any) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), databaseURL)
	if err != nil {
		tb.Fatalf("connecting to a test database: %v", err)
	}
	defer conn.Close(tb.Context()) //nolint:errcheck // the statement has its own error
	tag, err := conn.Exec(tb.Context(), sql, args...)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	if (tag.Update() || tag.Delete()) && tag.RowsAffected() == 0 {
		tb.Fatalf("%s: there is no such row", sql)
	}
}

// Rows returns the rows of a query, each as a struct with a field for each column.
func Rows[T any](tb testing.TB, databaseURL, sql string, args ...any) []T {
	tb.Helper()
	return collect(tb, databaseURL, pgx.RowToStructByPos[T], sql, args...)
}

// Values returns the column of a query with one column.
func Values[T any](tb testing.TB, databaseURL, sql string, args ...any) []T {
	tb.Helper()
	return collect(tb, databaseURL, pgx.RowTo[T], sql, args...)
}

// Value returns the one value of a query with one row and one column.
func Value[T any](tb testing.TB, databaseURL, sql string, args ...any) T {
	tb.Helper()
	values := Values[T](tb, databaseURL, sql, args...)
	if len(values) != 1 {
		tb.Fatalf("%s: %d rows, want 1", sql, len(values))
	}
	return values[0]
}

const (
	awaitLimit   = 30 * time.Second
	pollInterval = 5 * time.Millisecond
)

// Await polls a query until it returns true. It fails the test after 30 seconds.
func Await(tb testing.TB, databaseURL, sql string, args ...any) {
	tb.Helper()
	deadline := time.After(awaitLimit)
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for !Value[bool](tb, databaseURL, sql, args...) {
		select {
		case <-deadline:
			tb.Fatalf("%s: not after %s", sql, awaitLimit)
		case <-poll.C:
		}
	}
}

// collect also works in cleanups, after the context of the test has ended.
func collect[T any](tb testing.TB, databaseURL string, to pgx.RowToFunc[T], sql string, args ...any) []T {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		tb.Fatalf("connecting to a test database: %v", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	collected, err := pgx.CollectRows(rows, to)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	return collected
}
