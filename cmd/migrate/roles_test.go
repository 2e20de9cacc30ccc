package main

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// TestRolesOfCompose makes the role that serves as PostgreSQL's image makes it for compose.yaml, by the same file, and
// migrates as there: by a superuser who owns the tables.
func TestRolesOfCompose(t *testing.T) {
	t.Parallel()
	const password = `it's "p@ss" \ word`
	_, serverURL := pgtest.TwoRoles(t) // whose name is free to take, and is cleared away
	server, owner := parseURL(t, serverURL), parseURL(t, pgtest.URL(t))
	name := server.User.Username()
	pgtest.Exec(t, owner.String(), `DROP ROLE "`+name+`"`)
	owner.Path, server.User = server.Path, url.UserPassword(name, password)
	pgtest.Exec(t, owner.String(), roles(t, name, password))

	b := bench{t: t, environ: map[string]string{
		"ENVIRONMENT": "production", "MIGRATE_DATABASE_URL": owner.String(), "DATABASE_URL": server.String(),
	}}
	b.run("", "up").wants(t, exitOK, "granted "+name+" what the server needs")

	store := pgtest.NewStore(t, server.String(), pgstore.Options{})
	if err := store.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	pgtest.User(t, store, pgtest.UserOpts{})
	for privilege, table := range map[string]string{
		"SELECT": "audit_events", "INSERT": "audit_events", "UPDATE": "users",
	} {
		if !pgtest.Value[bool](t, server.String(), "SELECT has_any_column_privilege('"+table+"', '"+privilege+"')") {
			t.Errorf("the server may not %s %s", privilege, table)
		}
	}
	for question, refused := range map[string]string{
		"change audit events": "has_table_privilege('audit_events', 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')",
		"make tables":         "has_schema_privilege('public', 'CREATE')",
		"become somebody":     "(SELECT bool_or(pg_has_role(oid, 'MEMBER')) FROM pg_roles WHERE rolname <> current_user)",
		"do more than log in": "(SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user)",
	} {
		if pgtest.Value[bool](t, server.String(), "SELECT "+refused) {
			t.Errorf("the server may %s", question)
		}
	}
}

// roles is what psql makes of the file, for a role with another name.
func roles(t *testing.T, name, password string) string {
	t.Helper()
	file, err := os.ReadFile("../../deploy/postgres/roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	const variable = `\getenv password POSTGRES_SERVER_PASSWORD` + "\n"
	if n := strings.Count(string(file), variable); n != 1 {
		t.Fatalf("the file has %d lines %q", n, variable)
	}
	return strings.NewReplacer(
		variable, "", ":'password'", "'"+strings.ReplaceAll(password, "'", "''")+"'", "plinth_server", `"`+name+`"`,
	).Replace(string(file))
}

func parseURL(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
