package store_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/migrator"
)

// catalog describes the schema and the applied versions, one line an object.
const catalog = `SELECT array_agg(line ORDER BY line COLLATE "C") FROM (
	SELECT format('column %s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
			pg_get_expr(adbin, adrelid)) AS line
		FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
		WHERE attnum > 0 AND NOT attisdropped AND relkind = 'r' AND relnamespace = 'public'::regnamespace
	UNION ALL SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
		FROM pg_constraint WHERE connamespace = 'public'::regnamespace
	UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
	UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
	UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND probin IS NULL
	UNION ALL SELECT format('applied %s', version) FROM applied_migrations
) AS lines`

func TestDatabasesOfTestsAreMigratedAndEmpty(t *testing.T) {
	t.Parallel()
	if n := pgtest.Value[int](t, pgtest.URL(t), "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("a new database holds %d users", n)
	}
}

// restoreVersion8 returns a database that an earlier release migrated to version 8. It recorded the
// newest version alone, and applied files that are squashed into one today.
func restoreVersion8(t *testing.T) (string, *migrator.Migrator) {
	t.Helper()
	dump, err := os.ReadFile("testdata/version_8.sql")
	noError(t, err)
	databaseURL := pgtest.EmptyURL(t)
	_, err = pgtest.Connect(t, databaseURL).PgConn().Exec(t.Context(), string(dump)).ReadAll()
	noError(t, err)
	m, err := migrator.New(databaseURL, db.Migrations(), migrator.Options{})
	noError(t, err)
	return databaseURL, m
}

func TestSchemaOfEarlierReleaseContinues(t *testing.T) {
	t.Parallel()
	databaseURL, m := restoreVersion8(t)
	applied, err := m.Up(t.Context())
	noError(t, err)
	for _, migration := range applied {
		if migration.Version <= 8 {
			t.Errorf("%s was applied again", migration)
		}
	}
	noError(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}).CheckSchema(t.Context()))
	fresh := pgtest.Value[[]string](t, pgtest.URL(t), catalog)
	if diff := cmp.Diff(fresh, pgtest.Value[[]string](t, databaseURL, catalog)); diff != "" {
		t.Errorf("schema (-of a new database +of the earlier one):\n%s", diff)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM applied_migrations WHERE version <= 8"); n != 8 {
		t.Errorf("%d versions up to 8 are recorded, want 8: those of the squashed files, too", n)
	}
	for _, table := range []string{"users", "sessions", "audit_events", "throttles", "known_networks"} {
		if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM "+table); n != 1 {
			t.Errorf("%s has %d rows, want 1", table, n)
		}
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM refresh_tokens"); n != 2 {
		t.Errorf("refresh_tokens has %d rows, want 2", n)
	}
	_, err = m.DownAll(t.Context())
	noError(t, err)
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM applied_migrations"); n != 0 {
		t.Errorf("%d migrations are recorded after down", n)
	}
}

// Schemas between the squashed files need the release that has them.
func TestSchemaOlderThanVersion8IsRejected(t *testing.T) {
	t.Parallel()
	databaseURL, m := restoreVersion8(t)
	pgtest.Exec(t, databaseURL, "DROP TABLE known_networks, throttles")
	for version := 1; version < 8; version++ {
		pgtest.Exec(t, databaseURL, "UPDATE schema_migrations SET version = $1", version)
		_, err := m.Up(t.Context())
		for way, err := range map[string]error{
			"up": err, "start": pgtest.NewStore(t, databaseURL, pgstore.Options{}).CheckSchema(t.Context()),
		} {
			if err == nil || !strings.Contains(err.Error(), "000008_create_schema replaces") {
				t.Errorf("%s at version %d: %v", way, version, err)
			}
		}
		pgtest.Exec(t, databaseURL, "DROP TABLE applied_migrations")
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users"); n != 1 {
		t.Errorf("users has %d rows, want 1", n)
	}
}

// A copy may add the audit log later: make update ADD=audit.
func TestMigrationsOfTheAuditLogApplyLater(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	core := fstest.MapFS{}
	names, err := fs.Glob(db.Migrations(), "*")
	noError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(db.Migrations(), name)
		noError(t, err)
		if !strings.Contains(name, "audit") && !strings.Contains(name, "pruning") {
			core[name] = &fstest.MapFile{Data: text}
		}
	}
	for _, files := range []fs.FS{core, db.Migrations()} {
		m, err := migrator.New(databaseURL, files, migrator.Options{AllowOutOfOrder: true})
		noError(t, err)
		applied, err := m.Up(t.Context())
		noError(t, err)
		if len(applied) == 0 {
			t.Error("nothing was applied")
		}
	}
	fresh := pgtest.Value[[]string](t, pgtest.URL(t), catalog)
	if diff := cmp.Diff(fresh, pgtest.Value[[]string](t, databaseURL, catalog)); diff != "" {
		t.Errorf("schema (-of a new database +of one with the audit log added later):\n%s", diff)
	}
}
