// Package pgtest gives each test a database with the schema of this service, and has its fixtures.
// Only tests import it. It must not know HTTP; kit/testdb knows how databases are created.
package pgtest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/testdb"
)

// databases is a variable because the tests of a binary share nothing else.
var databases = testdb.New(testdb.Options{
	Project: "plinth", Extensions: db.Extensions(), Migrations: db.Migrations(), Migrate: pgstore.Migrate,
	Getenv: os.Getenv, //nolint:forbidigo // tests have no config.Config
})

// URL returns the URL of a new database with all migrations applied, see [testdb.Server.URL].
func URL(tb testing.TB) string {
	tb.Helper()
	return databases.URL(tb)
}

// EmptyURL returns the URL of a new database without any tables.
func EmptyURL(tb testing.TB) string {
	tb.Helper()
	return databases.EmptyURL(tb)
}

// TwoRoles returns two URLs of a new database without any tables: of its owner, and of the role of
// a server, see [testdb.Server.TwoRoles].
func TwoRoles(tb testing.TB) (owner, server string) {
	tb.Helper()
	return databases.TwoRoles(tb)
}

// MigratedByOwner is [TwoRoles] with all migrations applied and the server's privileges granted.
func MigratedByOwner(tb testing.TB) (server, owner string) {
	tb.Helper()
	owner, server = TwoRoles(tb)
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	m, err := migrator.New(owner, db.Migrations(), migrator.Options{})
	if err == nil {
		_, err = m.Up(ctx)
	}
	if err == nil {
		_, err = m.GrantTo(ctx, server, pgstore.Grants())
	}
	if err != nil {
		tb.Fatalf("migrating a test database: %v", err)
	}
	return server, owner
}

// Connect is [testdb.Connect].
func Connect(tb testing.TB, databaseURL string) *pgx.Conn {
	tb.Helper()
	return testdb.Connect(tb, databaseURL)
}

// Exec is [testdb.Exec].
func Exec(tb testing.TB, databaseURL, sql string, args ...any) {
	tb.Helper()
	testdb.Exec(tb, databaseURL, sql, args...)
}

// Rows is [testdb.Rows].
func Rows[T any](tb testing.TB, databaseURL, sql string, args ...any) []T {
	tb.Helper()
	return testdb.Rows[T](tb, databaseURL, sql, args...)
}

// Value is [testdb.Value].
func Value[T any](tb testing.TB, databaseURL, sql string, args ...any) T {
	tb.Helper()
	return testdb.Value[T](tb, databaseURL, sql, args...)
}

// Await is [testdb.Await].
func Await(tb testing.TB, databaseURL, sql string, args ...any) {
	tb.Helper()
	testdb.Await(tb, databaseURL, sql, args...)
}
