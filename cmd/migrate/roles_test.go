package main

import (
	"bytes"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/migrator/migratecli"
)

// TestRolesOfCompose creates the roles with the file that PostgreSQL's image runs for
// compose.yaml, and migrates as compose.yaml does: as a role that owns the database and is no
// superuser.
func TestRolesOfCompose(t *testing.T) {
	t.Parallel()
	const password = `it's "p@ss" \ word`
	ownerURL, serverURL := pgtest.TwoRoles(t) // their names are reused below, and dropped with the test
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
		if pgtest.Value[bool](t, of.String(), "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls "+
			"FROM pg_roles WHERE rolname = current_user") {
			t.Errorf("%s has more privileges than it needs", of.User.Username())
		}
	}

	var stdout, stderr bytes.Buffer
	program := migratecli.Program{
		Files: db.Migrations(), Grants: pgstore.Grants(), Stdout: &stdout, Stderr: &stderr,
		Load: func() (migratecli.Settings, error) {
			return loadFrom(map[string]string{
				"ENVIRONMENT": "production", "MIGRATE_DATABASE_URL": owner.String(), "DATABASE_URL": server.String(),
			})
		},
	}
	code := program.Run(t.Context(), []string{"up"})
	if code != 0 || !strings.Contains(stdout.String(), "granted "+name+" what the server needs") {
		t.Fatalf("exit code %d: %s%s", code, &stdout, &stderr)
	}

	store := pgtest.NewStore(t, server.String(), pgstore.Options{})
	if err := store.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	pgtest.User(t, store, pgtest.UserOpts{})
	for privilege, table := range map[string]string{
		"SELECT": "audit_events", "INSERT": "audit_events", // scaffold:only audit
		"UPDATE": "users",
	} {
		if !pgtest.Value[bool](t, server.String(), "SELECT has_any_column_privilege('"+table+"', '"+privilege+"')") {
			t.Errorf("the server may not %s %s", privilege, table)
		}
	}
	for question, refused := range map[string]string{
		"change audit events": "has_table_privilege('audit_events', 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')", // scaffold:only audit
		"make tables":         "has_schema_privilege('public', 'CREATE')",
		"become a role": "(SELECT bool_or(pg_has_role(oid, 'MEMBER')) FROM pg_roles WHERE rolname <> " +
			"current_user)",
	} {
		if pgtest.Value[bool](t, server.String(), "SELECT "+refused) {
			t.Errorf("the server may %s", question)
		}
	}
}

// roles returns the statements that psql reads from the file, with other names of roles and
// database. It drops the last, which removes the password of the superuser, because other tests
// need it.
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
