// Package pgtest gives every test a PostgreSQL database of its own, in a few
// milliseconds. It owns the test server, which it starts when the first test asks
// and which ends with the test binary, and the template that databases are cloned
// from. Only _test.go files import it, and none of them needs a TestMain for it.
//
// With TEST_DATABASE_URL the databases are made on that server instead, by a role
// that may create databases. Without a server tests fail; they are never skipped.
package testdb

import (
	"context"
	"sync"
	"testing"
	"time"
)

// patience bounds everything that is done for one test, a cold start and fetching the server included.
const patience = 5 * time.Minute

// shared is the server of this test binary. It is a variable of the package
// because the tests of a binary have nothing else in common; it is never stopped
// by hand, because a binary may die without a word anyway, and the server notices.
var shared = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return open(ctx, environment())
})

// URL returns the URL of a new database with all migrations applied. Nobody else
// uses it, and it is dropped when the test ends: after the cleanups that the test
// registers later, such as closing its connections.
func URL(tb testing.TB) string {
	tb.Helper()
	return database(tb, (*server).migratedTemplate)
}

// EmptyURL returns the URL of a new database without any tables, for tests of the
// migrations themselves. It is otherwise like [URL].
func EmptyURL(tb testing.TB) string {
	tb.Helper()
	return database(tb, func(*server, context.Context) (string, error) { return "template0", nil })
}

func database(tb testing.TB, template func(*server, context.Context) (string, error)) string {
	tb.Helper()
	s, err := shared()
	if err != nil {
		tb.Fatalf("no PostgreSQL server for the tests: %v", err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	from, err := template(s, ctx)
	if err != nil {
		tb.Fatalf("preparing the template of test databases: %v", err)
	}
	name, err := s.create(ctx, from)
	if err != nil {
		tb.Fatalf("creating a test database: %v", err)
	}
	tb.Cleanup(func() { dropAfter(tb, s, name) })
	return s.url(name)
}

// dropAfter drops the database of a test that has ended, and its context with it.
func dropAfter(tb testing.TB, s *server, name string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), patience)
	defer cancel()
	if err := s.drop(ctx, name); err != nil {
		tb.Errorf("dropping a test database: %v", err)
	}
}
