package main

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// TestRolesOfCompose makes the roles as PostgreSQL's image makes them for compose.yaml, by the same file, and migrates as
// there: by a role that owns the database and is no superuser.
func TestRolesOfCompose(t *testing.T) {
	t.Parallel()
	const password = `it's "p@ss" \ word`
	ownerURL, serverURL := pgtest.TwoRoles(t) // whose names are free to take, and are cleared away
	owner, server, superuser := parseURL(t, ownerURL), parseURL(t, serverURL), parseURL(t, pgtest.URL(t))
	database := strings.TrimPrefix(owner.Path, "/")
	pgtest.Exec(t, superuser.String(), `ALTER DATABASE "`+database+`" OWNER TO CURRENT_USER`)
	for _, role := range []*url.URL{owner, server} {
		pgtest.Exec(t, superuser.String(), `DROP ROLE "`+role.User.Username()+`"`)
	}
	for _, statement := range roles(t, database, owner.User.Username(), server.User.Username(), password) {
		pgtest.Exec(t, superuser.String(), statement)
	}
	name := server.User.Username()
	server.User, owner.User = url.UserPassword(name, password), url.UserPassword(owner.User.Username(), password)
	for _, of := range []*url.URL{owner, server} {
		if pgtest.Value[bool](t, of.String(), "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user") {
			t.Errorf("%s may do more than its work", of.User.Username())
		}
	}

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
	} {
		if pgtest.Value[bool](t, server.String(), "SELECT "+refused) {
			t.Errorf("the server may %s", question)
		}
	}
}

// roles are the statements that psql makes of the file, for roles and a database with other names. The last takes the
// superuser's password away, which other tests need.
func roles(t *testing.T, database, owner, server, password string) []string {
	t.Helper()
	file, err := os.ReadFile("../../deploy/postgres/roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	quoted := "'" + strings.ReplaceAll(password, "'", "''") + "'"
	text := strings.NewReplacer(
		":'owner_password'", quoted, ":'server_password'", quoted, "DATABASE plinth ", `DATABASE "`+database+`" `,
		"plinth_owner", `"`+owner+`"`, "plinth_server", `"`+server+`"`,
	).Replace(string(file))
	text = regexp.MustCompile(`(?m)^(--|\\getenv ).*\n`).ReplaceAllString(text, "")
	statements := strings.Split(strings.TrimSpace(text), ";\n")
	last := len(statements) - 1
	if statements[last] != "ALTER ROLE CURRENT_USER PASSWORD NULL;" {
		t.Fatalf("the last statement is %q", statements[last])
	}
	return statements[:last]
}

func parseURL(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
