package migrator_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/testdb"
)

// schema returns the migrations of two tables.
func schema() fs.FS {
	return migrations("CREATE TABLE a (id int)", "DROP TABLE a", "CREATE TABLE b (id int)", "DROP TABLE b")
}

// migrate applies the migrations of schema.
func migrate(ctx context.Context, databaseURL string) error {
	m, err := migrator.New(databaseURL, schema(), migrator.Options{})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}

var databases = testdb.New(testdb.Options{
	Project: "plinthkit", Getenv: os.Getenv, Migrations: schema(), Migrate: migrate,
})

// migrations makes files of texts: the up file of 000001_step_1, its down file, the up file of
// 000002_step_2, and so on.
func migrations(texts ...string) fs.FS {
	files := fstest.MapFS{}
	for i, text := range texts {
		name := fmt.Sprintf("%06d_step_%d.%s.sql", i/2+1, i/2+1, []string{"up", "down"}[i%2])
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func newMigrator(t *testing.T, databaseURL string, files fs.FS, options migrator.Options) *migrator.Migrator {
	t.Helper()
	m, err := migrator.New(databaseURL, files, options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// tables returns the names of all tables.
func tables(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, _ := conn.Query(t.Context(), "SELECT relname::text FROM pg_class WHERE relkind = 'r' "+
		"AND relnamespace = 'public'::regnamespace ORDER BY relname COLLATE \"C\"")
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func wantTables(t *testing.T, conn *pgx.Conn, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, tables(t, conn), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func wantVersion(t *testing.T, m *migrator.Migrator, version int, dirty bool) {
	t.Helper()
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Version != version || status.Dirty != dirty {
		t.Errorf("schema at version %d, dirty %t, want %d, %t", status.Version, status.Dirty, version, dirty)
	}
}

// wantText checks that an error has parts, and one line.
func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has several lines", err)
	}
}

func TestMigrationsGoUpDownUp(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	m := newMigrator(t, databaseURL, schema(), migrator.Options{})
	conn := testdb.Connect(t, databaseURL)

	applied, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := tables(t, conn)
	if len(applied) != 2 || !slices.Contains(there, "b") {
		t.Errorf("up applied %v, and there are the tables %v", applied, there)
	}
	reverted, err := m.DownAll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(reverted)
	if diff := cmp.Diff(applied, reverted); diff != "" {
		t.Errorf("down reverted others than up applied (-up +down):\n%s", diff)
	}
	wantTables(t, conn, "applied_migrations", "schema_migrations")
	wantVersion(t, m, 0, false)
	var notes int // golang-migrate's command leaves none either
	const count = "SELECT (SELECT count(*) FROM schema_migrations) + (SELECT count(*) FROM applied_migrations)"
	if err := conn.QueryRow(t.Context(), count).Scan(&notes); err != nil || notes > 0 {
		t.Errorf("%d versions noted, %v", notes, err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTables(t, conn, there...)
}

func TestDownRevertsSteps(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	m := newMigrator(t, databaseURL, migrations(
		"CREATE TABLE a ()", "DROP TABLE a", "CREATE TABLE b ()", "DROP TABLE b", "CREATE TABLE c ()", "DROP TABLE c"), migrator.Options{})
	conn := testdb.Connect(t, databaseURL)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}

	for _, steps := range []int{-1, 0, 4} {
		if _, err := m.Down(t.Context(), steps); err == nil {
			t.Errorf("down %d went through", steps)
		}
	}
	wantTables(t, conn, "a", "applied_migrations", "b", "c", "schema_migrations")
	reverted, err := m.Down(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []migrator.Migration{{Version: 3, Name: "step_3"}, {Version: 2, Name: "step_2"}}
	if diff := cmp.Diff(want, reverted); diff != "" {
		t.Errorf("reverted (-want +got):\n%s", diff)
	}
	wantTables(t, conn, "a", "applied_migrations", "schema_migrations")
	wantVersion(t, m, 1, false)
}

func TestConcurrentProcessesMigrateOnce(t *testing.T) {
	t.Parallel()
	for _, replicas := range []int{2, 8} {
		t.Run(strconv.Itoa(replicas), func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.EmptyURL(t)
			group, ctx := errgroup.WithContext(t.Context())
			for range replicas {
				group.Go(func() error { return migrate(ctx, databaseURL) })
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
			if err := migrator.Check(t.Context(), testdb.Connect(t, databaseURL), schema()); err != nil {
				t.Error(err)
			}
		})
	}
}

// An index that is built concurrently waits for all statements that run, so waiting for the lock
// in one is a deadlock.
func TestWaitingForTheLockDoesNotBlockAConcurrentIndex(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	const untilOthersWait = `DO $$ BEGIN
WHILE (SELECT count(*) < 3 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory_lock($1%') LOOP
    PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
END LOOP; END $$`
	files := migrations("CREATE TABLE a (id int)", "DROP TABLE a", untilOthersWait, "",
		"-- migrate: no transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id)", "DROP INDEX a_id")
	group, ctx := errgroup.WithContext(t.Context())
	for range 4 {
		m := newMigrator(t, databaseURL, files, migrator.Options{})
		group.Go(func() error {
			_, err := m.Up(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, newMigrator(t, databaseURL, files, migrator.Options{}), 3, false)
}

func TestLockTimeoutNamesTheHolder(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	holder := testdb.Connect(t, databaseURL)
	holdLock(t, holder)

	_, err := newMigrator(t, databaseURL, schema(), migrator.Options{LockWait: time.Millisecond}).Up(t.Context())
	if !errors.Is(err, migrator.ErrLocked) {
		t.Errorf("error %v, want ErrLocked", err)
	}
	wantText(t, err, fmt.Sprintf("pg_terminate_backend(%d)", holder.PgConn().PID()))

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = newMigrator(t, databaseURL, schema(), migrator.Options{}).Up(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the context", err)
	}
	wantText(t, err, "interrupted before anything")
}

// holdLock takes the lock of golang-migrate for the schema public, as we and earlier releases do.
func holdLock(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	sum := crc32.ChecksumIEEE([]byte("public\x00schema_migrations\x00" + conn.Config().Database))
	exec(t, conn, fmt.Sprintf("SELECT pg_advisory_lock(%d)", sum*1486364155))
}

func TestEndOfContextCancelsAMigration(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header string
		dirty  bool
		text   string
	}{
		"in a transaction":      {"", false, "nothing of it was kept"},
		"outside a transaction": {"-- migrate: no transaction\n", true, "a part of it may have been kept"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.EmptyURL(t)
			conn := testdb.Connect(t, databaseURL)
			m := newMigrator(t, databaseURL, migrations(tc.header+"SELECT pg_sleep(600)", ""), migrator.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				waitForStatement(t, conn, "%pg_sleep(600)%")
				cancel()
			}()
			_, err := m.Up(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want that of the context", err)
			}
			wantText(t, err, "000001_step_1.up.sql was interrupted", tc.text)
			version := 0
			if tc.dirty {
				version = 1
			}
			wantVersion(t, m, version, tc.dirty)
		})
	}
}

// waitForStatement waits until another connection runs a statement like pattern.
func waitForStatement(t *testing.T, conn *pgx.Conn, pattern string) {
	t.Helper()
	for t.Context().Err() == nil {
		var running bool
		err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = "+
			"current_database() "+
			"AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE $1)", pattern).Scan(&running)
		if err != nil {
			t.Error(err)
			return
		}
		if running {
			return
		}
	}
}

func TestLockTimeoutOfAMigration(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	files := migrations("CREATE TABLE a ()", "DROP TABLE a", "ALTER TABLE a ADD COLUMN id int", "")
	m := newMigrator(t, databaseURL+separator(databaseURL)+"lock_timeout=10ms", files, migrator.Options{})
	_, err := newMigrator(t, databaseURL, migrations("CREATE TABLE a ()", "DROP TABLE a"),
		migrator.Options{}).Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := testdb.Connect(t, databaseURL).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE a IN ACCESS SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	_, err = m.Up(t.Context())
	wantText(t, err, "lock timeout", "nothing of it was kept", "run the command again when the database is quieter")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestTimeoutsAreSetUnlessTheURLSetsThem(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	files := migrations("CREATE TABLE a AS SELECT current_setting('lock_timeout') AS lock, "+
		"current_setting('statement_timeout') AS statement, "+
		"current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('application_name') AS name", "DROP TABLE a")
	m := newMigrator(t, databaseURL+separator(databaseURL)+"statement_timeout=7min", files, migrator.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var lock, statement, idle, name string
	row := testdb.Connect(t, databaseURL).QueryRow(t.Context(), "SELECT * FROM a")
	if err := row.Scan(&lock, &statement, &idle, &name); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"5s", "7min", "1min", "migrate"}, []string{lock, statement, idle, name}); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func separator(databaseURL string) string {
	if strings.Contains(databaseURL, "?") {
		return "&"
	}
	return "?"
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	newer := newMigrator(t, databaseURL, migrations("CREATE TABLE a ()", "DROP TABLE a", "SELECT 2", ""),
		migrator.Options{})
	older := newMigrator(t, databaseURL, migrations("CREATE TABLE a ()", "DROP TABLE a"), migrator.Options{})
	if _, err := newer.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if applied, err := older.Up(t.Context()); err != nil || len(applied) > 0 {
		t.Errorf("up of the older program: %v, %v", applied, err)
	}
	_, err := older.Down(t.Context(), 1)
	if !errors.Is(err, migrator.ErrUnknownVersion) {
		t.Errorf("down of the older program: %v", err)
	}
	wantText(t, err, "at version 2")
	exec(t, testdb.Connect(t, databaseURL), "UPDATE schema_migrations SET dirty = true")
	if err := older.Repair(t.Context(), 1); !errors.Is(err, migrator.ErrUnknownVersion) {
		t.Errorf("repair by the older program: %v", err)
	}
	wantVersion(t, newer, 2, true)
}

func TestUnknownVersionIsAnError(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	m := newMigrator(t, databaseURL, migrations("SELECT 1", "", "SELECT 2", ""), migrator.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range []string{"000001_a.up.sql", "000001_a.down.sql", "000003_c.up.sql", "000003_c.down.sql"} {
		files[name] = &fstest.MapFile{}
	}
	_, err := newMigrator(t, databaseURL, files, migrator.Options{}).Up(t.Context())
	if !errors.Is(err, migrator.ErrUnknownVersion) {
		t.Errorf("error %v, want ErrUnknownVersion", err)
	}
}
