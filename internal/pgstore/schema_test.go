package pgstore_test

import (
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/migrator"
)

// Reviewers and operators read the comment first.
func TestMigrationFilesBeginWithAReason(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(db.Migrations(), "*.up.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(db.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- ") || strings.Contains(string(text), "one line on why") {
			t.Errorf("%s does not begin with a comment on why it exists", name)
		}
	}
}

func TestExtensionsAreListed(t *testing.T) {
	t.Parallel()
	const created = "SELECT coalesce(array_agg(extname ORDER BY extname), '{}') FROM pg_extension WHERE extname <> " +
		"'plpgsql'"
	if diff := cmp.Diff(db.Extensions(), pgtest.Value[[]string](t, pgtest.URL(t), created)); diff != "" {
		t.Errorf("db.Extensions (-want +got):\n%s", diff)
	}
}

func TestMigrationsGoUpDownUp(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	m, err := migrator.New(databaseURL, db.Migrations(), migrator.Options{})
	noError(t, err)
	const tables = `SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`
	applied, err := m.Up(t.Context())
	noError(t, err)
	before := pgtest.Value[string](t, databaseURL, tables)
	reverted, err := m.DownAll(t.Context())
	noError(t, err)
	if len(applied) == 0 || len(reverted) != len(applied) {
		t.Errorf("up applied %v, down reverted %v", applied, reverted)
	}
	if left := pgtest.Value[string](t, databaseURL, tables); left != "applied_migrations schema_migrations" {
		t.Errorf("down leaves the tables %s", left)
	}
	_, err = m.Up(t.Context())
	noError(t, err)
	if diff := cmp.Diff(before, pgtest.Value[string](t, databaseURL, tables)); diff != "" {
		t.Errorf("tables after up, down and up (-before +after):\n%s", diff)
	}
}

// Earlier releases recorded the newest version alone. Version 8 was the newest of the last of them.
func TestSchemaOfEarlierReleaseContinues(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	m, err := migrator.New(databaseURL, db.Migrations(), migrator.Options{})
	noError(t, err)
	status, err := m.Status(t.Context())
	noError(t, err)
	_, err = m.Up(t.Context())
	noError(t, err)
	newer := 0
	for _, migration := range status.Migrations {
		if migration.Version > 8 {
			newer++
		}
	}
	_, err = m.Down(t.Context(), newer)
	noError(t, err)
	pgtest.Exec(t, databaseURL, "DROP TABLE applied_migrations")
	pgtest.Exec(t, databaseURL, "INSERT INTO throttles VALUES ('', '', now(), now())")
	applied, err := m.Up(t.Context())
	noError(t, err)
	if len(applied) != newer {
		t.Errorf("applied %v, want %d", applied, newer)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM throttles"); n != 1 {
		t.Errorf("%d rows are left, want 1", n)
	}
	noError(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}).CheckSchema(t.Context()))
}

// grantTo migrates as the owner and grants the server its privileges.
func grantTo(t *testing.T, owner, server string) migrator.Granted {
	t.Helper()
	m, err := migrator.New(owner, db.Migrations(), migrator.Options{})
	noError(t, err)
	_, err = m.Up(t.Context())
	noError(t, err)
	granted, err := m.GrantTo(t.Context(), server, pgstore.Grants())
	noError(t, err)
	return granted
}

func parse(t *testing.T, databaseURL string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func userOf(t *testing.T, databaseURL string) string {
	t.Helper()
	return parse(t, databaseURL).User.Username()
}

func TestServerRoleHasAllNeededPrivileges(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	if granted := grantTo(t, owner, server); granted.Role != userOf(t, server) || len(granted.Exceeded) > 0 {
		t.Fatalf("granted %+v", granted)
	}
	store := pgtest.NewStore(t, server, pgstore.Options{})
	if err := store.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	reserved := map[string]bool{ // for the owner
		"PruneAuditEvents": true, // scaffold:only audit
	}
	for name, call := range everyMethod(store) {
		err := call(t.Context()) // fails for lack of rows and arguments, not of privileges
		pgErr, refused := errors.AsType[*pgconn.PgError](err)
		refused = refused && pgErr.Code == pgerrcode.InsufficientPrivilege
		if refused != reserved[name] {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestServerRoleHasNoOtherPrivileges(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	grantTo(t, owner, server)
	pgtest.Exec(t, owner, `GRANT ALL ON ALL TABLES IN SCHEMA public TO "`+userOf(t, server)+`"`) // by mistake
	grantTo(t, owner, server)
	// scaffold:begin audit
	store := pgtest.NewStore(t, server, pgstore.Options{})
	if err := store.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
		t.Fatal(err)
	}
	// scaffold:end audit
	conn := pgtest.Connect(t, server)
	for _, sql := range []string{
		// scaffold:begin audit
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
		// scaffold:end audit
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
	// scaffold:begin audit
	if n := pgtest.Value[int](t, server, "SELECT count(*) FROM audit_events"); n != 1 {
		t.Errorf("%d events are there, want 1", n)
	}
	// scaffold:end audit
}

// docs/deploy.md describes these steps from one role to two.
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
	// scaffold:begin audit
	if err := before.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
		t.Fatal(err)
	}
	// scaffold:end audit

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
