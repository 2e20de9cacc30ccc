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
