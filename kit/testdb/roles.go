package testdb

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
)

// TwoRoles returns two URLs of a new database without any tables: one for the role that owns it, to
// migrate with, and one for a role without privileges, for the service. The roles are dropped with
// the database.
func (s *Server) TwoRoles(tb testing.TB) (owner, service string) {
	tb.Helper()
	running := s.running(tb)
	name := running.testPrefix() + strings.ToLower(rand.Text())
	// Cleanups run in reverse order: the roles go after the database.
	ownerRole, serviceRole := running.role(tb, name+"_owner"), running.role(tb, name+"_server")
	databaseURL := s.EmptyURL(tb)
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		tb.Fatalf("reading the URL of a test database: %v", err)
	}
	database := strings.TrimPrefix(parsed.Path, "/")
	Exec(tb, databaseURL, "ALTER DATABASE "+quote(database)+" OWNER TO "+quote(ownerRole.Username()))
	as := func(user *url.Userinfo) string {
		changed := *parsed
		changed.User = user
		return changed.String()
	}
	return as(ownerRole), as(serviceRole)
}

// role creates a role with this name and drops it when the test ends.
func (s *server) role(tb testing.TB, name string) *url.Userinfo {
	tb.Helper()
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
