package migrator_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

// events are append-only, and a function prunes them.
func events() migrator.Grants {
	return migrator.Grants{
		Tables:    map[string]string{"events": "SELECT, INSERT (detail), UPDATE (count)", "missing": "SELECT"},
		Functions: []string{"prune(interval)", "missing()"},
		Sequences: []string{"tickets", "missing"},
	}
}

// grantTo creates a table of things and one of events as the owner, and grants the service its
// privileges.
func grantTo(t *testing.T, owner, service string) (migrator.Granted, error) {
	t.Helper()
	m := newMigrator(t, owner, migrations(`
		CREATE TABLE things (id int);
		CREATE SEQUENCE tickets;
		CREATE TABLE events (id bigserial PRIMARY KEY, detail text, count int);
		CREATE FUNCTION prune(age interval) RETURNS int LANGUAGE sql AS 'SELECT 1';
		REVOKE EXECUTE ON FUNCTION prune FROM PUBLIC`, ""), migrator.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m.GrantTo(t.Context(), service, events())
}

func userOf(t *testing.T, databaseURL string) string {
	t.Helper()
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.User.Username()
}

func TestGrantToLimitsPrivileges(t *testing.T) {
	t.Parallel()
	owner, service := databases.TwoRoles(t)
	for range 2 { // the second time revokes what a mistake has granted
		granted, err := grantTo(t, owner, service)
		if err != nil || granted.Role != userOf(t, service) || len(granted.Exceeded) > 0 {
			t.Fatalf("granted %+v, %v", granted, err)
		}
		testdb.Exec(t, owner, `GRANT ALL ON ALL TABLES IN SCHEMA public TO "`+userOf(t, service)+`"`)
	}
	if _, err := grantTo(t, owner, service); err != nil {
		t.Fatal(err)
	}
	conn := testdb.Connect(t, service)
	for sql, allowed := range map[string]bool{
		"INSERT INTO things VALUES (1)":                    true,
		"UPDATE things SET id = 2":                         true,
		"DELETE FROM things":                               true,
		"TRUNCATE things":                                  false,
		"DROP TABLE things":                                false,
		"CREATE TABLE mine ()":                             false,
		"SELECT FROM events":                               true,
		"UPDATE events SET count = 1":                      true,
		"UPDATE events SET detail = 'x'":                   false,
		"DELETE FROM events":                               false,
		"SELECT prune('1 day')":                            true,
		"SELECT FROM schema_migrations":                    true,
		"UPDATE schema_migrations SET dirty = true":        false,
		"DELETE FROM applied_migrations":                   false,
		"SET ROLE \"" + userOf(t, owner) + "\"":            false,
		"SELECT nextval('events_id_seq')":                  false,
		"SELECT nextval('tickets')":                        true,
		"SELECT setval('tickets', 1)":                      false,
		"ALTER TABLE things ADD COLUMN x text":             false,
		"SELECT FROM applied_migrations WHERE version = 1": true,
	} {
		_, err := conn.Exec(t.Context(), sql)
		pgErr, refused := errors.AsType[*pgconn.PgError](err)
		refused = refused && pgErr.Code == pgerrcode.InsufficientPrivilege
		if refused == allowed || allowed && err != nil {
			t.Errorf("%s: %v, allowed: %t", sql, err, allowed)
		}
	}
}

func TestGrantToReportsExceededPrivileges(t *testing.T) {
	t.Parallel()
	owner, service := databases.TwoRoles(t)
	granted, err := grantTo(t, owner, owner)
	if err != nil || granted.Role != "" || granted.Exceeded != nil {
		t.Errorf("the owner: granted %+v, %v", granted, err)
	}
	superuser := databases.EmptyURL(t)
	granted, err = grantTo(t, owner, superuser)
	if err != nil || !slices.Equal(granted.Exceeded, []string{"events"}) {
		t.Errorf("a superuser: granted %+v, %v", granted, err)
	}
	testdb.Exec(t, superuser, `GRANT "`+userOf(t, owner)+`" TO "`+userOf(t, service)+`"`)
	granted, err = grantTo(t, owner, service)
	if err != nil || !slices.Equal(granted.Exceeded, []string{"events"}) {
		t.Errorf("a member of the owner's role: granted %+v, %v", granted, err)
	}
}

func TestGrantToExplainsFailures(t *testing.T) {
	t.Parallel()
	owner, _ := databases.TwoRoles(t)
	_, err := grantTo(t, owner, "postgres://missing:canary@localhost/x")
	wantText(t, err, "granting missing what the server needs", `role "missing" does not exist`)
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("%v shows the password", err)
	}
	_, err = grantTo(t, owner, "postgres://missing:canary@localhost:port/x")
	if !errors.Is(err, pgkit.ErrDatabaseURL) {
		t.Errorf("got %v", err)
	}
}
