package testdb

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"

	"example.com/plinth/internal/pgstore"
)

// TwoRoles returns the URLs of a new database without any tables: one for the role that owns it, to migrate with, and one
// for the role of a server, which may do no more than everybody. The roles are the database's own.
func TwoRoles(tb testing.TB) (owner, server string) {
	tb.Helper()
	name := testPrefix + strings.ToLower(rand.Text())
	// Roles are dropped after the database, as they were made before it.
	ownerRole, serverRole := role(tb, name+"_owner"), role(tb, name+"_server")
	databaseURL := EmptyURL(tb)
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		tb.Fatalf("reading the URL of a test database: %v", err)
	}
	Exec(tb, databaseURL, "ALTER DATABASE "+quote(strings.TrimPrefix(parsed.Path, "/"))+" OWNER TO "+quote(ownerRole.Username()))
	as := func(who *url.Userinfo) string {
		changed := *parsed
		changed.User = who
		return changed.String()
	}
	return as(ownerRole), as(serverRole)
}

// role makes a role with this name, which is dropped when the test ends.
func role(tb testing.TB, name string) *url.Userinfo {
	tb.Helper()
	s, err := shared()
	if err != nil {
		tb.Fatalf("no PostgreSQL server for the tests: %v", err)
	}
	password := rand.Text()
	if _, err := s.admin.Exec(tb.Context(), "CREATE ROLE "+quote(name)+" LOGIN PASSWORD '"+password+"'"); err != nil {
		tb.Fatalf("creating a test role: %v", err)
	}
	tb.Cleanup(func() {
		if _, err := s.admin.Exec(context.WithoutCancel(tb.Context()), "DROP ROLE "+quote(name)); err != nil {
			tb.Errorf("dropping a test role: %v", err)
		}
	})
	return url.UserPassword(name, password)
}

// MigratedByOwner is TwoRoles with all migrations applied, and with what the server needs granted to it.
func MigratedByOwner(tb testing.TB) (server, owner string) {
	tb.Helper()
	owner, server = TwoRoles(tb)
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	migrator, err := pgstore.NewMigrator(owner, pgstore.MigratorOptions{})
	if err == nil {
		_, err = migrator.Up(ctx)
	}
	if err == nil {
		_, err = migrator.GrantTo(ctx, server)
	}
	if err != nil {
		tb.Fatalf("migrating a test database: %v", err)
	}
	return server, owner
}
