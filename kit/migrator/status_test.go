package migrator_test

import (
	"errors"
	"testing"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/testdb"
)

func TestDirtySchemaIsExplainedAndRepaired(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	conn := testdb.Connect(t, databaseURL)
	files := migrations(
		"CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);", "DROP TABLE a",
		"-- migrate: no transaction\nCREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id)", "DROP INDEX a_key")
	m := newMigrator(t, databaseURL, files, migrator.Options{})

	_, err := m.Up(t.Context())
	wantText(t, err, "000002_step_2.up.sql failed", "outside a transaction", "`migrate repair`")
	wantVersion(t, m, 2, true)
	for name, move := range map[string]func() error{
		"up":       func() error { _, err := m.Up(t.Context()); return err },
		"down":     func() error { _, err := m.Down(t.Context(), 1); return err },
		"down all": func() error { _, err := m.DownAll(t.Context()); return err },
	} {
		err := move()
		schemaErr, ok := errors.AsType[*migrator.SchemaError](err)
		if !ok || !schemaErr.Dirty || schemaErr.Version != 2 {
			t.Errorf("%s: %v, want a SchemaError", name, err)
		}
		wantText(t, err, "dirty at version 2", "`migrate repair`")
	}

	if err := m.Repair(t.Context(), 7); !errors.Is(err, migrator.ErrUnknownVersion) {
		t.Errorf("repair to an unknown version: %v", err)
	}
	exec(t, conn, "DROP INDEX a_key")
	exec(t, conn, "TRUNCATE a")
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	version, err := status.RepairVersion()
	if err != nil || version != 1 {
		t.Fatalf("repair version %d, %v, want 1", version, err)
	}
	if err := m.Repair(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if err := m.Repair(t.Context(), version); !errors.Is(err, migrator.ErrNotDirty) {
		t.Errorf("second repair: %v", err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, m, 2, false)
}

func TestRepairOfTheFirstMigration(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	m := newMigrator(t, databaseURL, migrations("CREATE TABLE a ()", "-- migrate: no transaction\nDROP TABLE b"),
		migrator.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Down(t.Context(), 1); err == nil {
		t.Fatal("the failing way down went through")
	}
	wantVersion(t, m, 0, true)
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if version, err := status.RepairVersion(); version != 1 || err != nil {
		t.Errorf("repair version %d, %v, want 1", version, err)
	}
	if err := m.Repair(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, m, 0, false)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, sql string
		want      string // empty means that the schema will do
	}{
		{"newest", "SELECT 1", ""},
		{"newer", "UPDATE schema_migrations SET version = 99999999999999", ""},
		{"older", "UPDATE schema_migrations SET version = 1", "at version 1 and this program needs version"},
		{"empty", "DELETE FROM schema_migrations", "no schema yet"},
		{"without the table", "DROP TABLE schema_migrations", "no schema yet"},
		{"dirty", "UPDATE schema_migrations SET dirty = true", "dirty at version"},
		{
			"dirty and newer", "UPDATE schema_migrations SET version = 99999999999999, dirty = true",
			"dirty at version 99999999999999",
		},
		{"dirty from the first on", "UPDATE schema_migrations SET version = -1, dirty = true", "dirty at version 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			conn := testdb.Connect(t, databases.URL(t))
			exec(t, conn, tc.sql)
			err := migrator.Check(t.Context(), conn, schema())
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantText(t, err, tc.want, "run `migrate ")
			if _, ok := errors.AsType[*migrator.SchemaError](err); !ok {
				t.Errorf("%T is not a SchemaError", err)
			}
		})
	}
}

func TestCheckExplainsAMissingPrivilege(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, databases.URL(t))
	exec(t, conn, "SET ROLE pg_monitor")
	wantText(t, migrator.Check(t.Context(), conn, schema()), "permission denied", "needs SELECT on schema_migrations")
}

func TestStatusChangesNothing(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	status, err := newMigrator(t, databaseURL, schema(), migrator.Options{}).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Version != 0 || status.Dirty || len(status.Pending()) != len(status.Migrations) || status.Newest() == 0 {
		t.Errorf("status of an empty database: %+v", status)
	}
	wantTables(t, testdb.Connect(t, databaseURL))
}
