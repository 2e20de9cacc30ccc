package migrator_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// grantTo migrates as the owner and grants the server its rights.
func grantTo(t *testing.T, owner, server string) (pgstore.Grant, error) {
	t.Helper()
	m := migrator(t, owner, pgstore.MigratorOptions{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m.GrantTo(t.Context(), server)
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

func TestTheServersRoleMayDoWhatTheServerDoes(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	if grant, err := grantTo(t, owner, server); err != nil || grant != (pgstore.Grant{Role: userOf(t, server)}) {
		t.Fatalf("granted %+v, %v", grant, err)
	}
	store := pgtest.NewStore(t, server, pgstore.Options{})
	if err := store.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	for name, call := range everyMethod(store) {
		err := call(t.Context()) // there is nothing to find, and worse to store, but it may try
		pgErr, refused := errors.AsType[*pgconn.PgError](err)
		refused = refused && pgErr.Code == pgerrcode.InsufficientPrivilege
		if refused != (name == "PruneAuditEvents") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheServersRoleMayDoNoMore(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	if _, err := grantTo(t, owner, server); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, owner, "GRANT ALL ON ALL TABLES IN SCHEMA public TO \""+userOf(t, server)+"\"") // by an operator in a hurry
	if _, err := grantTo(t, owner, server); err != nil {
		t.Fatal(err)
	}
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
		"CREATE OR REPLACE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END; $$",
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

// The way from one role for everything to two, as README.md has it.
func TestADatabaseOfOneRoleGetsAnother(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	superuser := pgtest.URL(t) // elsewhere, but roles and databases are of the whole server
	database := "\"" + strings.TrimPrefix(parse(t, server).Path, "/") + "\""
	ownerRole, serverRole := "\""+userOf(t, owner)+"\"", "\""+userOf(t, server)+"\""
	pgtest.Exec(t, superuser, "ALTER DATABASE "+database+" OWNER TO "+serverRole)
	if _, err := migrator(t, server, pgstore.MigratorOptions{}).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := pgtest.NewStore(t, server, pgstore.Options{})
	user := pgtest.User(t, before, pgtest.UserOpts{})
	if err := before.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
		t.Fatal(err)
	}

	inside := parse(t, superuser)
	inside.Path = parse(t, server).Path
	pgtest.Exec(t, superuser, "ALTER DATABASE "+database+" OWNER TO "+ownerRole)
	pgtest.Exec(t, inside.String(), "REASSIGN OWNED BY "+serverRole+" TO "+ownerRole)
	if grant, err := grantTo(t, owner, server); err != nil || grant.IsSuperior {
		t.Fatalf("granted %+v, %v", grant, err)
	}
	if _, err := before.GetUser(t.Context(), user.ID); err != nil { // without connecting anew
		t.Error(err)
	}
	_, err := pgtest.Connect(t, server).Exec(t.Context(), "ALTER TABLE audit_events DISABLE TRIGGER ALL")
	wantServerError(t, err, pgerrcode.InsufficientPrivilege)
}

func TestARoleThatIsAboveWhatItIsGranted(t *testing.T) {
	t.Parallel()
	t.Run("the owner's own", func(t *testing.T) {
		t.Parallel()
		owner, _ := pgtest.TwoRoles(t)
		if grant, err := grantTo(t, owner, owner); err != nil || grant != (pgstore.Grant{}) {
			t.Errorf("granted %+v, %v", grant, err)
		}
	})
	t.Run("a member of the owner's", func(t *testing.T) {
		t.Parallel()
		owner, server := pgtest.TwoRoles(t)
		pgtest.Exec(t, pgtest.URL(t), "GRANT \""+userOf(t, owner)+"\" TO \""+userOf(t, server)+"\"")
		if grant, err := grantTo(t, owner, server); err != nil || !grant.IsSuperior {
			t.Errorf("granted %+v, %v", grant, err)
		}
	})
	t.Run("a superuser", func(t *testing.T) {
		t.Parallel()
		owner, _ := pgtest.TwoRoles(t)
		if grant, err := grantTo(t, owner, pgtest.URL(t)); err != nil || !grant.IsSuperior {
			t.Errorf("granted %+v, %v", grant, err)
		}
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		owner, _ := pgtest.TwoRoles(t)
		_, err := grantTo(t, owner, "postgres://nobody:canary@localhost/x")
		if err == nil || !strings.Contains(err.Error(), `role "nobody" does not exist`) || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v", err)
		}
		if _, err := grantTo(t, owner, "postgres://nobody:canary@localhost:port/x"); !errors.Is(err, pgstore.ErrDatabaseURL) {
			t.Errorf("got %v", err)
		}
	})
}
