package migrator_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// golangMigrate returns golang-migrate over the migrations of this program, as its command is.
func golangMigrate(t *testing.T, databaseURL string) *migrate.Migrate {
	t.Helper()
	files, err := iofs.New(db.Migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	driver, err := migratepgx.WithInstance(stdlib.OpenDB(*connect(t, databaseURL).Config()), &migratepgx.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := migrate.NewWithInstance("iofs", files, "pgx5", driver)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = m.Close() })
	return m
}

// Releases before applied_migrations recorded the newest version alone, as golang-migrate's command
// does. Version 8 was the newest of the last such release.
func TestSchemaOfGolangMigrateContinues(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	conn, command := connect(t, databaseURL), golangMigrate(t, databaseURL)
	m := migrator(t, databaseURL, pgstore.MigratorOptions{})
	if err := command.Migrate(8); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "INSERT INTO throttles VALUES ('', '', now(), now())")

	applied, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := versions(status.Migrations)
	if diff := cmp.Diff(all[slices.Index(all, 8)+1:], versions(applied)); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(all, recorded(t, conn)); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if err := pgstore.CheckSchema(t.Context(), conn); err != nil {
		t.Error(err)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM throttles"); n != 1 {
		t.Errorf("%d rows are left, want 1", n)
	}

	// The command continues where we stopped, and we where it did.
	version, dirty, err := command.Version()
	if err != nil || dirty || int(version) != status.Newest() {
		t.Errorf("the command is at %d, %t, %v", version, dirty, err)
	}
	if err := command.Steps(-1); err != nil {
		t.Fatal(err)
	}
	wantPending(t, m, []int{status.Newest()}, nil)
	up(t, m)
	if err := command.Up(); !errors.Is(err, migrate.ErrNoChange) {
		t.Errorf("the command applied what we had: %v", err)
	}
}

// database/sql replaces a lost connection, but another one would not hold the lock.
func TestConnectionLostAfterLockMigratesNothing(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	files := migrations("CREATE TABLE a ()", "DROP TABLE a")
	losing := loseAnswer(t, databaseURL, "try_advisory_lock", 3) // after those to Parse and to Execute
	_, err := migrator(t, losing, pgstore.MigratorOptions{Files: files}).Up(t.Context())
	wantText(t, err, "the connection to the database was lost")
	wantTables(t, connect(t, databaseURL))
}
