package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// migrations makes files of texts: the up file of 000001_step_1, its down file, the up file of 000002_step_2, and so on.
func migrations(texts ...string) fs.FS {
	files := fstest.MapFS{}
	for i, text := range texts {
		name := fmt.Sprintf("%06d_step_%d.%s.sql", i/2+1, i/2+1, []string{"up", "down"}[i%2])
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func migrator(t *testing.T, databaseURL string, options pgstore.MigratorOptions) *pgstore.Migrator {
	t.Helper()
	m, err := pgstore.NewMigrator(databaseURL, options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// tables returns the names of the tables there are.
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

func wantVersion(t *testing.T, m *pgstore.Migrator, version int, dirty bool) {
	t.Helper()
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Version != version || status.Dirty != dirty {
		t.Errorf("schema at version %d, dirty %t, want %d, %t", status.Version, status.Dirty, version, dirty)
	}
}

// wantText checks that an error tells what it should, in one line.
func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has several lines", err)
	}
}

func TestMigrationsGoUpDownUp(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	m := migrator(t, databaseURL, pgstore.MigratorOptions{})
	conn := connect(t, databaseURL)

	applied, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := tables(t, conn)
	if len(applied) == 0 || !slices.Contains(there, "users") {
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
	wantTables(t, conn, "schema_migrations")
	wantVersion(t, m, 0, false)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTables(t, conn, there...)
}

// The comment is what sqlc, reviewers and operators read first.
func TestMigrationFilesSayWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(db.Migrations, "migrations/*.up.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(db.Migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- ") || strings.Contains(string(text), "one line on why") {
			t.Errorf("%s does not begin with a comment on why it exists", name)
		}
	}
}

func TestDownRevertsAsManyAsAsked(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations(
		"CREATE TABLE a ()", "DROP TABLE a", "CREATE TABLE b ()", "DROP TABLE b", "CREATE TABLE c ()", "DROP TABLE c")})
	conn := connect(t, databaseURL)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}

	for _, steps := range []int{-1, 0, 4} {
		if _, err := m.Down(t.Context(), steps); err == nil {
			t.Errorf("down %d went through", steps)
		}
	}
	wantTables(t, conn, "a", "b", "c", "schema_migrations")
	reverted, err := m.Down(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []pgstore.Migration{{Version: 3, Name: "step_3"}, {Version: 2, Name: "step_2"}}
	if diff := cmp.Diff(want, reverted); diff != "" {
		t.Errorf("reverted (-want +got):\n%s", diff)
	}
	wantTables(t, conn, "a", "schema_migrations")
	wantVersion(t, m, 1, false)
}

func TestManyMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for _, replicas := range []int{2, 8} {
		t.Run(fmt.Sprint(replicas), func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.EmptyURL(t)
			group, ctx := errgroup.WithContext(t.Context())
			for range replicas {
				group.Go(func() error { return pgstore.Migrate(ctx, databaseURL) })
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
			if err := pgstore.CheckSchema(t.Context(), connect(t, databaseURL)); err != nil {
				t.Error(err)
			}
		})
	}
}

// An index that is built concurrently waits for all statements that run, so waiting for the lock in one is a deadlock.
func TestWaitingForTheLockDoesNotBlockAConcurrentIndex(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	files := migrations(
		"CREATE TABLE a (id int)", "DROP TABLE a",
		// The first statement gives the others time to come.
		"SELECT pg_sleep(1)", "",
		"-- migrate: no transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id)", "DROP INDEX a_id")
	group, ctx := errgroup.WithContext(t.Context())
	for range 4 {
		m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: files})
		group.Go(func() error {
			_, err := m.Up(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, migrator(t, databaseURL, pgstore.MigratorOptions{Files: files}), 3, false)
}

func TestAFailedMigrationLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	conn := connect(t, databaseURL)
	files := migrations(
		"CREATE TABLE a ();", "DROP TABLE a;",
		"CREATE TABLE b ();\n\nCREATE TABLE a ();", "DROP TABLE b;\nDROP TABLE nowhere;")
	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: files})

	applied, err := m.Up(t.Context())
	wantText(t, err, `migration 000002_step_2.up.sql failed: relation "a" already exists (SQLSTATE 42P07)`, "nothing of it was kept")
	if len(applied) != 1 {
		t.Errorf("applied %v", applied)
	}
	wantTables(t, conn, "a", "schema_migrations")
	wantVersion(t, m, 1, false)

	// A way down that fails is no different.
	exec(t, conn, "CREATE TABLE b (); UPDATE schema_migrations SET version = 2")
	_, err = m.Down(t.Context(), 1)
	wantText(t, err, `000002_step_2.down.sql failed: table "nowhere" does not exist`)
	wantTables(t, conn, "a", "b", "schema_migrations")
	wantVersion(t, m, 2, false)
}

func TestAFailedMigrationTellsTheLine(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: migrations("-- Why\nSELECT 1;\nSELCT 2;", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "000001_step_1.up.sql failed at line 3: syntax error")
}

func TestFailuresDoNotQuoteRows(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: migrations(
		"CREATE TABLE a (email text); INSERT INTO a VALUES ('ann@example.com'), ('ann@example.com');", "DROP TABLE a",
		"CREATE UNIQUE INDEX a_key ON a (email)", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "could not create unique index")
	if strings.Contains(err.Error(), "ann@") {
		t.Errorf("error %q quotes a row", err)
	}
}

func TestADirtySchemaIsExplainedAndRepaired(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	conn := connect(t, databaseURL)
	files := migrations(
		"CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);", "DROP TABLE a",
		"-- migrate: no transaction\nCREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id)", "DROP INDEX a_key")
	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: files})

	_, err := m.Up(t.Context())
	wantText(t, err, "000002_step_2.up.sql failed", "outside a transaction", "`migrate repair`")
	wantVersion(t, m, 2, true)
	for name, move := range map[string]func() error{
		"up":       func() error { _, err := m.Up(t.Context()); return err },
		"down":     func() error { _, err := m.Down(t.Context(), 1); return err },
		"down all": func() error { _, err := m.DownAll(t.Context()); return err },
	} {
		err := move()
		schemaErr, ok := errors.AsType[*pgstore.SchemaError](err)
		if !ok || !schemaErr.Dirty || schemaErr.Version != 2 {
			t.Errorf("%s: %v, want a SchemaError", name, err)
		}
		wantText(t, err, "dirty at version 2", "`migrate repair`")
	}

	if err := m.Repair(t.Context(), 7); !errors.Is(err, pgstore.ErrUnknownVersion) {
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
	if err := m.Repair(t.Context(), version); !errors.Is(err, pgstore.ErrNotDirty) {
		t.Errorf("second repair: %v", err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, m, 2, false)
}

func TestRepairOfTheFirstMigration(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations("CREATE TABLE a ()", "-- migrate: no transaction\nDROP TABLE b")})
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

func TestCheckSchema(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, sql string
		want      string // empty means that the schema will do
	}{
		{"newest", "SELECT 1", ""},
		{"newer", "UPDATE schema_migrations SET version = 999999", ""},
		{"older", "UPDATE schema_migrations SET version = 1", "at version 1 and this program needs version"},
		{"empty", "DELETE FROM schema_migrations", "no schema yet"},
		{"without the table", "DROP TABLE schema_migrations", "no schema yet"},
		{"dirty", "UPDATE schema_migrations SET dirty = true", "dirty at version"},
		{"dirty and newer", "UPDATE schema_migrations SET version = 999999, dirty = true", "dirty at version 999999"},
		{"dirty from the first on", "UPDATE schema_migrations SET version = -1, dirty = true", "dirty at version 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, pgtest.URL(t))
			exec(t, conn, tc.sql)
			err := pgstore.CheckSchema(t.Context(), conn)
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantText(t, err, tc.want, "run `migrate ")
			if _, ok := errors.AsType[*pgstore.SchemaError](err); !ok {
				t.Errorf("%T is not a SchemaError", err)
			}
		})
	}
}

func TestCheckSchemaExplainsAMissingPrivilege(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.URL(t))
	exec(t, conn, "SET ROLE pg_monitor")
	wantText(t, pgstore.CheckSchema(t.Context(), conn), "permission denied", "needs SELECT on schema_migrations")
}

func TestANewerSchemaIsLeftAlone(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	newer := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations("CREATE TABLE a ()", "DROP TABLE a", "SELECT 2", "")})
	older := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations("CREATE TABLE a ()", "DROP TABLE a")})
	if _, err := newer.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if applied, err := older.Up(t.Context()); err != nil || len(applied) > 0 {
		t.Errorf("up of the older program: %v, %v", applied, err)
	}
	_, err := older.Down(t.Context(), 1)
	if !errors.Is(err, pgstore.ErrUnknownVersion) {
		t.Errorf("down of the older program: %v", err)
	}
	wantText(t, err, "at version 2")
	exec(t, connect(t, databaseURL), "UPDATE schema_migrations SET dirty = true")
	if err := older.Repair(t.Context(), 1); !errors.Is(err, pgstore.ErrUnknownVersion) {
		t.Errorf("repair by the older program: %v", err)
	}
	wantVersion(t, newer, 2, true)
}

func TestStatusChangesNothing(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	status, err := migrator(t, databaseURL, pgstore.MigratorOptions{}).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Version != 0 || status.Dirty || len(status.Pending()) != len(status.Migrations) || status.Newest() == 0 {
		t.Errorf("status of an empty database: %+v", status)
	}
	wantTables(t, connect(t, databaseURL))
}

func TestTheLockIsWaitedForAndNamed(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	holder := holdLock(t, databaseURL)

	_, err := migrator(t, databaseURL, pgstore.MigratorOptions{LockWait: time.Millisecond}).Up(t.Context())
	if !errors.Is(err, pgstore.ErrMigrationLocked) {
		t.Errorf("error %v, want ErrMigrationLocked", err)
	}
	wantText(t, err, fmt.Sprintf("pg_terminate_backend(%d)", holder.PgConn().PID()))

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = migrator(t, databaseURL, pgstore.MigratorOptions{}).Up(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the context", err)
	}
	wantText(t, err, "interrupted before anything")
}

// holdLock takes all locks that a migration of the database could want, by taking the one that it does.
func holdLock(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	blocker := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations("SELECT pg_sleep(600)", "")})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = blocker.Up(ctx)
	}()
	conn := connect(t, databaseURL)
	key := waitForLock(t, conn)
	cancel()
	<-done
	var locked bool
	for !locked {
		if err := conn.QueryRow(t.Context(), "SELECT pg_try_advisory_lock($1)", key).Scan(&locked); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// waitForLock returns the key of the advisory lock that somebody in this database holds, as soon as somebody does.
func waitForLock(t *testing.T, conn *pgx.Conn) int64 {
	t.Helper()
	for {
		var key int64
		err := conn.QueryRow(t.Context(), "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted "+
			"AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&key)
		if err == nil {
			return key
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
	}
}

func TestTheEndOfTheContextCancelsAMigration(t *testing.T) {
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
			databaseURL := pgtest.EmptyURL(t)
			conn := connect(t, databaseURL)
			m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations(tc.header+"SELECT pg_sleep(600)", "")})
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

// waitForStatement returns once another connection to the database runs a statement like pattern.
func waitForStatement(t *testing.T, conn *pgx.Conn, pattern string) {
	t.Helper()
	for t.Context().Err() == nil {
		var running bool
		err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "+
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

func TestALostConnectionIsExplained(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{
		Files: migrations("SELECT pg_terminate_backend(pg_backend_pid())", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "000001_step_1.up.sql")
	wantVersion(t, m, 0, false)
}

func TestMigrationsDoNotWaitLongForTables(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	files := migrations("CREATE TABLE a ()", "DROP TABLE a", "ALTER TABLE a ADD COLUMN id int", "")
	m := migrator(t, databaseURL+separator(databaseURL)+"lock_timeout=10ms", pgstore.MigratorOptions{Files: files})
	_, err := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations("CREATE TABLE a ()", "DROP TABLE a")}).Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := connect(t, databaseURL).Begin(t.Context())
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

func TestTimeoutsAreSetUnlessTheURLDoes(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	files := migrations("CREATE TABLE a AS SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement, "+
		"current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('application_name') AS name", "DROP TABLE a")
	m := migrator(t, databaseURL+separator(databaseURL)+"statement_timeout=7min", pgstore.MigratorOptions{Files: files})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var lock, statement, idle, name string
	if err := connect(t, databaseURL).QueryRow(t.Context(), "SELECT * FROM a").Scan(&lock, &statement, &idle, &name); err != nil {
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

func TestConnectionFailuresAreExplainedWithoutThePassword(t *testing.T) {
	t.Parallel()
	const password = "hunter2-secret" //nolint:gosec // it opens nothing
	with := func(t *testing.T, change func(*url.URL)) string {
		t.Helper()
		u, err := url.Parse(pgtest.EmptyURL(t))
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	for name, tc := range map[string]struct {
		url   func(t *testing.T) string
		parts []string
	}{
		"nobody listens": {
			func(*testing.T) string { return "postgres://ann:" + password + "@127.0.0.1:1/db" },
			[]string{"cannot reach the database server", "127.0.0.1:1", "check that it is up"},
		},
		"unknown host": {
			func(*testing.T) string { return "postgres://ann:" + password + "@nowhere.invalid/db" },
			[]string{"cannot reach the database server", "nowhere.invalid"},
		},
		"wrong password": {
			func(t *testing.T) string {
				t.Helper()
				return with(t, func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), password) })
			},
			[]string{"cannot connect to the database", "28P01", "check the user and the password"},
		},
		"no such database": {
			func(t *testing.T) string {
				t.Helper()
				return with(t, func(u *url.URL) { u.Path = "/nowhere" })
			},
			[]string{`"nowhere" does not exist`, "create the database"},
		},
		"no TLS": {
			func(t *testing.T) string {
				t.Helper()
				return with(t, func(u *url.URL) { u.RawQuery = "sslmode=require" })
			},
			[]string{"cannot reach the database server", "sslmode"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := tc.url(t)
			m := migrator(t, databaseURL, pgstore.MigratorOptions{})
			_, statusErr := m.Status(t.Context())
			for _, err := range []error{pgstore.Migrate(t.Context(), databaseURL), statusErr} {
				wantText(t, err, tc.parts...)
				if secret, _ := mustParse(t, databaseURL).User.Password(); strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
					t.Errorf("error %q holds the password", err)
				}
			}
		})
	}
}

func mustParse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAMalformedURLIsNotShown(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"postgres://ann:hunter2/x@[host/db",
		"postgres://ann:hunter2@host:port/db",
		"postgres://ann:hunter2@host/db?sslmode=hunter2",
		"host=x password=hunter2 port=y",
		"://hunter2",
	} {
		err := pgstore.Migrate(t.Context(), raw)
		if !errors.Is(err, pgstore.ErrDatabaseURL) || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("%s: error %v", raw, err)
		}
	}
}

func TestAStatementThatNeedsNoTransactionGetsAdvice(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: migrations(
		"CREATE TABLE a (id int)", "DROP TABLE a", "CREATE INDEX CONCURRENTLY a_id ON a (id)", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "CREATE INDEX CONCURRENTLY cannot", "`-- migrate: no transaction`")
}

func TestFilesMustBeInOrder(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files []string
		want  string
	}{
		"no down file":     {[]string{"000001_a.up.sql"}, "there is no 000001_a.down.sql"},
		"no up file":       {[]string{"000001_a.down.sql"}, "there is no 000001_a.up.sql"},
		"another name":     {[]string{"1_a.up.sql", "1_a.down.sql"}, "must be like"},
		"version 0":        {[]string{"000000_a.up.sql", "000000_a.down.sql"}, "start at 000001"},
		"the same version": {[]string{"000001_a.up.sql", "000001_a.down.sql", "000001_b.up.sql", "000001_b.down.sql"}, "000001_a and 000001_b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for _, file := range tc.files {
				files[file] = &fstest.MapFile{}
			}
			_, err := pgstore.NewMigrator("postgres://localhost/x", pgstore.MigratorOptions{Files: files})
			wantText(t, err, tc.want)
		})
	}
}

func TestCreateMigration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, name := range []string{"create_things", "add_size_2_to_things"} {
		paths, err := pgstore.CreateMigration(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Join(dir, fmt.Sprintf("%06d_%s", i+1, name))
		if diff := cmp.Diff([]string{base + ".up.sql", base + ".down.sql"}, paths); diff != "" {
			t.Errorf("paths (-want +got):\n%s", diff)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), "-- ") {
				t.Errorf("%s begins with %q", path, text)
			}
		}
	}
	// What it writes is fit to be run, if only as a beginning.
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: os.DirFS(dir)})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, m, 2, false)
}

func TestCreateMigrationRefusesNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"", "Create", "create-things", "create things", "1st", "_a", "a_", "a__b", "a/b", "../a", "ä", strings.Repeat("a", 61)} {
		if _, err := pgstore.CreateMigration(dir, name); !errors.Is(err, pgstore.ErrMigrationName) {
			t.Errorf("%q: %v, want ErrMigrationName", name, err)
		}
	}
	if _, err := pgstore.CreateMigration(filepath.Join(dir, "nowhere"), "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the folder: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("wrote %v, %v", entries, err)
	}
}
