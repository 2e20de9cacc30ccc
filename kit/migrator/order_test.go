package migrator_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/testdb"
)

// tablesAt returns migrations that each create a table named after their version.
func tablesAt(versions ...int) fs.FS {
	files := fstest.MapFS{}
	for _, version := range versions {
		up, down := fmt.Appendf(nil, "CREATE TABLE t%d ()", version), fmt.Appendf(nil, "DROP TABLE t%d", version)
		files[fmt.Sprintf("%06d_step.up.sql", version)] = &fstest.MapFile{Data: up}
		files[fmt.Sprintf("%06d_step.down.sql", version)] = &fstest.MapFile{Data: down}
	}
	return files
}

func up(t *testing.T, m *migrator.Migrator) {
	t.Helper()
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// wantPending checks the pending migrations, and those that are out of order.
func wantPending(t *testing.T, m *migrator.Migrator, pending, outOfOrder []int) {
	t.Helper()
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := [][]int{versions(status.Pending()), versions(status.OutOfOrder())}
	if diff := cmp.Diff([][]int{pending, outOfOrder}, got); diff != "" {
		t.Errorf("pending and out of order (-want +got):\n%s", diff)
	}
}

func versions(list []migrator.Migration) []int {
	var found []int
	for _, m := range list {
		found = append(found, m.Version)
	}
	return found
}

func recorded(t *testing.T, conn *pgx.Conn) []int {
	t.Helper()
	rows, _ := conn.Query(t.Context(), "SELECT version FROM applied_migrations ORDER BY version")
	found, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestUpRejectsOutOfOrderMigration(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	conn := testdb.Connect(t, databaseURL)
	up(t, newMigrator(t, databaseURL, tablesAt(1, 3), migrator.Options{}))

	files := tablesAt(1, 2, 3, 4)
	m := newMigrator(t, databaseURL, files, migrator.Options{})
	wantPending(t, m, []int{2, 4}, []int{2})
	applied, err := m.Up(t.Context())
	schemaErr, ok := errors.AsType[*migrator.SchemaError](err)
	if !ok || len(applied) > 0 || !slices.Equal(versions(schemaErr.OutOfOrder), []int{2}) {
		t.Errorf("up applied %v, %v; want a SchemaError that names 2", applied, err)
	}
	wantText(t, err, "at version 3", "000002_step", "`migrate up --allow-out-of-order`",
		"give its files a newer version")
	wantTables(t, conn, "applied_migrations", "schema_migrations", "t1", "t3")

	anyOrder := newMigrator(t, databaseURL, files, migrator.Options{AllowOutOfOrder: true})
	up(t, anyOrder)
	wantTables(t, conn, "applied_migrations", "schema_migrations", "t1", "t2", "t3", "t4")
	wantPending(t, m, nil, nil)
	wantVersion(t, m, 4, false)
	if _, err := m.DownAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTables(t, conn, "applied_migrations", "schema_migrations")
}

// The newest version stays the same if only an older migration is applied.
func TestOutOfOrderMigrationKeepsTheVersion(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	up(t, newMigrator(t, databaseURL, tablesAt(1, 3), migrator.Options{}))
	m := newMigrator(t, databaseURL, tablesAt(1, 2, 3), migrator.Options{AllowOutOfOrder: true})
	up(t, m)
	wantVersion(t, m, 3, false)
	if diff := cmp.Diff([]int{1, 2, 3}, recorded(t, testdb.Connect(t, databaseURL))); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

// Earlier releases and golang-migrate's command record only the newest version.
func TestVersionOfOtherToolsIsUsed(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"up without the table": "DROP TABLE applied_migrations; CREATE TABLE t3 (); UPDATE schema_migrations SET " +
			"version = 3",
		"up": "CREATE TABLE t3 (); UPDATE schema_migrations SET version = 3",
		"down and up": "DROP TABLE t2; CREATE TABLE t2 (); CREATE TABLE t3 (); UPDATE schema_migrations " +
			"SET version = 3",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.EmptyURL(t)
			conn := testdb.Connect(t, databaseURL)
			up(t, newMigrator(t, databaseURL, tablesAt(1, 2), migrator.Options{}))
			exec(t, conn, sql)
			m := newMigrator(t, databaseURL, tablesAt(1, 2, 3, 4), migrator.Options{})
			wantPending(t, m, []int{4}, nil)
			up(t, m)
			if diff := cmp.Diff([]int{1, 2, 3, 4}, recorded(t, conn)); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
			exec(t, conn, "DROP TABLE t3, t4; UPDATE schema_migrations SET version = 2")
			wantPending(t, m, []int{3, 4}, nil)
			up(t, m)
			wantTables(t, conn, "applied_migrations", "schema_migrations", "t1", "t2", "t3", "t4")
		})
	}
}

func TestRepairOfOutOfOrderMigration(t *testing.T) {
	t.Parallel()
	for name, inPlace := range map[string]bool{"in place": true, "not in place": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.EmptyURL(t)
			up(t, newMigrator(t, databaseURL, tablesAt(1, 3), migrator.Options{}))
			files, ok := tablesAt(1, 2, 3).(fstest.MapFS)
			if !ok {
				t.Fatal("not a map")
			}
			files["000002_step.up.sql"].Data = []byte("-- migrate: no transaction\nSELECT 1/0")
			m := newMigrator(t, databaseURL, files, migrator.Options{AllowOutOfOrder: true})
			if _, err := m.Up(t.Context()); err == nil {
				t.Fatal("the broken migration went through")
			}
			wantVersion(t, m, 2, true)
			wantPending(t, m, []int{2}, []int{2})
			version, pending := 1, []int{2}
			if inPlace {
				version, pending = 2, nil
			}
			if err := m.Repair(t.Context(), version); err != nil {
				t.Fatal(err)
			}
			wantVersion(t, m, 3, false)
			wantPending(t, m, pending, pending)
		})
	}
}

func TestCheckNamesOutOfOrderMigration(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, databases.URL(t))
	exec(t, conn, "DELETE FROM applied_migrations WHERE version = 1")
	wantText(t, migrator.Check(t.Context(), conn, schema()), "000001_step_1", "`migrate up --allow-out-of-order`")
}

// squashed has the migrations 1, 2 and 4, and 6, of tablesAt: 1, 2 and 4 in one file, which is at
// version 4. 3 stays apart.
func squashed(t *testing.T) fstest.MapFS {
	t.Helper()
	files, ok := tablesAt(3, 4, 6).(fstest.MapFS)
	if !ok {
		t.Fatal("tablesAt returns another type")
	}
	files["000004_step.up.sql"].Data = []byte("-- migrate: replaces 000001 000002\n" +
		"CREATE TABLE t1 (); CREATE TABLE t2 (); CREATE TABLE t4 ()")
	files["000004_step.down.sql"].Data = []byte("DROP TABLE t4; DROP TABLE t2; DROP TABLE t1")
	return files
}

func TestSquashedMigrationsAreNotAppliedTwice(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]bool{"recorded": false, "by another tool": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.EmptyURL(t)
			conn := testdb.Connect(t, databaseURL)
			up(t, newMigrator(t, databaseURL, tablesAt(1, 2, 3, 4), migrator.Options{}))
			if forget {
				exec(t, conn, "DROP TABLE applied_migrations")
			}
			m := newMigrator(t, databaseURL, squashed(t), migrator.Options{})
			wantPending(t, m, []int{6}, nil)
			applied, err := m.Up(t.Context())
			if diff := cmp.Diff([]int{6}, versions(applied)); err != nil || diff != "" {
				t.Errorf("up: %v, applied (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff([]int{1, 2, 3, 4, 6}, recorded(t, conn)); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
			if _, err := m.DownAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantTables(t, conn, "applied_migrations", "schema_migrations")
			wantVersion(t, m, 0, false)
			up(t, m)
		})
	}
}

// The release before has the files that were squashed, and runs on the new schema after a roll-back.
func TestSquashedMigrationIsRecordedLikeItsFiles(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	conn := testdb.Connect(t, databaseURL)
	m := newMigrator(t, databaseURL, squashed(t), migrator.Options{})
	up(t, m)
	if diff := cmp.Diff([]int{1, 2, 3, 4, 6}, recorded(t, conn)); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if err := migrator.Check(t.Context(), conn, tablesAt(1, 2, 3, 4)); err != nil {
		t.Errorf("the release before: %v", err)
	}
	if _, err := m.Down(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	wantTables(t, conn, "applied_migrations", "schema_migrations", "t3")
	if diff := cmp.Diff([]int{3}, recorded(t, conn)); diff != "" {
		t.Errorf("recorded after down (-want +got):\n%s", diff)
	}
	up(t, m)
}

func TestSchemaBetweenSquashedMigrationsIsRejected(t *testing.T) {
	t.Parallel()
	for _, newest := range []int{1, 2, 3} {
		databaseURL := databases.EmptyURL(t)
		conn := testdb.Connect(t, databaseURL)
		earlier := newMigrator(t, databaseURL, tablesAt([]int{1, 2, 3}[:newest]...), migrator.Options{})
		up(t, earlier)
		before := tables(t, conn)

		m := newMigrator(t, databaseURL, squashed(t), migrator.Options{AllowOutOfOrder: true})
		applied, err := m.Up(t.Context())
		wantText(t, err, fmt.Sprintf("at version %d,", newest), "000004_step replaces", "`migrate up` of the last release")
		if len(applied) > 0 {
			t.Errorf("up applied %v", applied)
		}
		wantText(t, migrator.Check(t.Context(), conn, squashed(t)), "000004_step replaces")
		wantTables(t, conn, before...)
		up(t, newMigrator(t, databaseURL, tablesAt(1, 2, 3, 4), migrator.Options{}))
		up(t, m)
	}
}
