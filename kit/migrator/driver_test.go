package migrator_test

import (
	"errors"
	"io/fs"
	"testing"

	golangmigrate "github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/testdb"
)

// golangMigrate returns golang-migrate as its own command runs it.
func golangMigrate(t *testing.T, databaseURL string, migrations fs.FS) *golangmigrate.Migrate {
	t.Helper()
	files, err := iofs.New(migrations, ".")
	if err != nil {
		t.Fatal(err)
	}
	driver, err := migratepgx.WithInstance(stdlib.OpenDB(*testdb.Connect(t, databaseURL).Config()),
		&migratepgx.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := golangmigrate.NewWithInstance("iofs", files, "pgx5", driver)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = m.Close() })
	return m
}

// golang-migrate's own command records the newest version alone.
func TestSchemaOfGolangMigrateContinues(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	files := tablesAt(1, 2, 3, 20261129140500)
	conn, command := testdb.Connect(t, databaseURL), golangMigrate(t, databaseURL, files)
	m := newMigrator(t, databaseURL, files, migrator.Options{})
	if err := command.Migrate(2); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "ALTER TABLE t1 ADD COLUMN id int; INSERT INTO t1 VALUES (1)")

	applied, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{3, 20261129140500}, versions(applied)); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 20261129140500}, recorded(t, conn)); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if err := migrator.Check(t.Context(), conn, files); err != nil {
		t.Error(err)
	}
	if n := testdb.Value[int](t, databaseURL, "SELECT count(*) FROM t1"); n != 1 {
		t.Errorf("%d rows are left, want 1", n)
	}

	// Both continue where the other one stopped.
	version, dirty, err := command.Version()
	if err != nil || dirty || version != 20261129140500 {
		t.Errorf("the command is at %d, %t, %v", version, dirty, err)
	}
	if err := command.Steps(-1); err != nil {
		t.Fatal(err)
	}
	wantPending(t, m, []int{20261129140500}, nil)
	up(t, m)
	if err := command.Up(); !errors.Is(err, golangmigrate.ErrNoChange) {
		t.Errorf("the command applied what was applied: %v", err)
	}
}

// database/sql replaces a lost connection, but the new one would not hold the lock.
func TestConnectionLostAfterLockMigratesNothing(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	files := migrations("CREATE TABLE a ()", "DROP TABLE a")
	losing := testdb.LoseAnswer(t, databaseURL, "try_advisory_lock", 3) // after those to Parse and to Execute
	_, err := newMigrator(t, losing, files, migrator.Options{}).Up(t.Context())
	wantText(t, err, "the connection to the database was lost")
	wantTables(t, testdb.Connect(t, databaseURL))
}
