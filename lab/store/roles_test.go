package store_test

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

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
	owner, server, superuser := parse(t, ownerURL), parse(t, serverURL), parse(t, pgtest.URL(t))
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
			return migratecli.Settings{
				DatabaseURL: owner.String(), Origin: "MIGRATE_DATABASE_URL", IsProduction: true,
				ServiceURL: server.String(), ServiceOrigin: "DATABASE_URL",
			}, nil
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
		"SELECT": "audit_events", "INSERT": "audit_events",
		"UPDATE": "users",
	} {
		if !pgtest.Value[bool](t, server.String(), "SELECT has_any_column_privilege('"+table+"', '"+privilege+"')") {
			t.Errorf("the server may not %s %s", privilege, table)
		}
	}
	for question, refused := range map[string]string{
		"change audit events": "has_table_privilege('audit_events', 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')",
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

func TestServerRoleHasNoOtherPrivileges(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	grantTo(t, owner, server)
	pgtest.Exec(t, owner, `GRANT ALL ON ALL TABLES IN SCHEMA public TO "`+userOf(t, server)+`"`) // by mistake
	grantTo(t, owner, server)
	store := pgtest.NewStore(t, server, pgstore.Options{})
	if err := store.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, server)
	for _, sql := range []string{
		"UPDATE audit_events SET detail = 'x'",
		"DELETE FROM audit_events",
		"TRUNCATE audit_events",
		"DROP TABLE audit_events",
		"ALTER TABLE audit_events ADD COLUMN x text",
		"ALTER TABLE audit_events DISABLE TRIGGER ALL",
		"DROP TRIGGER audit_events_are_never_changed ON audit_events",
		"CREATE TRIGGER mine BEFORE INSERT ON audit_events EXECUTE FUNCTION refuse_change_of_audit_events()",
		"CREATE OR REPLACE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql " +
			"AS $$ BEGIN RETURN NULL; END; $$",
		"CREATE RULE mine AS ON INSERT TO audit_events DO INSTEAD NOTHING",
		"SET session_replication_role = replica",
		"INSERT INTO schema_migrations VALUES (99, false)",
		"UPDATE schema_migrations SET dirty = true",
		"DELETE FROM applied_migrations",
		"DROP TABLE users",
		"TRUNCATE users",
		"CREATE TABLE mine ()",
		"SET ROLE \"" + userOf(t, owner) + "\"",
	} {
		_, err := conn.Exec(t.Context(), sql)
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != pgerrcode.InsufficientPrivilege {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if n := pgtest.Value[int](t, server, "SELECT count(*) FROM audit_events"); n != 1 {
		t.Errorf("%d events are there, want 1", n)
	}
}

// docs/audit.md describes these steps from one role to two.
func TestDatabaseOfOneRoleGetsASecond(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	superuser := pgtest.URL(t) // of another database: roles belong to the server
	database := "\"" + strings.TrimPrefix(parse(t, server).Path, "/") + "\""
	ownerRole, serverRole := "\""+userOf(t, owner)+"\"", "\""+userOf(t, server)+"\""
	pgtest.Exec(t, superuser, "ALTER DATABASE "+database+" OWNER TO "+serverRole)
	noError(t, pgstore.Migrate(t.Context(), server))
	before := pgtest.NewStore(t, server, pgstore.Options{})
	user := pgtest.User(t, before, pgtest.UserOpts{})
	if err := before.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
		t.Fatal(err)
	}

	inside := parse(t, superuser)
	inside.Path = parse(t, server).Path
	pgtest.Exec(t, superuser, "ALTER DATABASE "+database+" OWNER TO "+ownerRole)
	pgtest.Exec(t, inside.String(), "REASSIGN OWNED BY "+serverRole+" TO "+ownerRole)
	if granted := grantTo(t, owner, server); len(granted.Exceeded) > 0 {
		t.Fatalf("granted %+v", granted)
	}
	if _, err := before.GetUser(t.Context(), user.ID); err != nil { // on its old connection
		t.Error(err)
	}
	_, err := pgtest.Connect(t, server).Exec(t.Context(), "ALTER TABLE users DISABLE TRIGGER ALL")
	wantServerError(t, err, pgerrcode.InsufficientPrivilege)
}
