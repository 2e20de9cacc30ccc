//go:build faults

package faults_test

import (
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func TestBadConfiguration(t *testing.T) {
	row := report(t, "bad configuration")
	p := spawn(t, processOpts{env: []string{
		"ENVIRONMENT=production", "DATABASE_URL=mysql://u:canary-1@db/x", "JWT_SECRET=canary-2", "PORT=eighty",
		"REDIS_URL=http://:canary-3@r", "PASSWORD_HASH_ITERATIONS=99", "SHUTDOWN_DELAY=soon",
	}}, programs["server"])
	code, output := p.wait(t), p.output.String()
	if code != 1 || strings.Contains(output, "listening") || strings.Contains(output, "canary") {
		t.Errorf("exit status %d:\n%s", code, output)
	}
	problems := 0
	for _, name := range []string{
		"DATABASE_URL", "JWT_SECRET", "PORT", "REDIS_URL", "PASSWORD_HASH_ITERATIONS", "SHUTDOWN_DELAY",
	} {
		if !strings.Contains(output, name) {
			t.Errorf("the output does not mention %s:\n%s", name, output)
		}
		problems++
	}
	row.saw("%d problems in one message, no secret in it, exit status %d before listening", problems, code)
}

func TestDatabaseDownAtBoot(t *testing.T) {
	row := report(t, "database down at boot")
	dir := folder(t) + "/cluster"
	cluster := startCluster(t, dir)
	databaseURL := cluster.database(t, "boot")
	must(t, cluster.Stop())

	r := launch(t, replicaOpts{databaseURL: databaseURL})
	c := newCaller(r.url, &row.count)
	const probes = 20
	for range probes {
		c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK)
		c.call(t.Context(), http.MethodGet, readyPath, "", "", http.StatusServiceUnavailable)
		c.call(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()), http.StatusServiceUnavailable)
	}
	begin := time.Now()
	cluster.start(t)
	r.awaitStatus(t, readyPath, http.StatusOK)
	row.saw("live 200 and ready 503 during the outage, ready %.1f s after it", time.Since(begin).Seconds())
	newSession(t, c)
	r.stop(t)
}

func TestConcurrentMigrations(t *testing.T) {
	row := report(t, "concurrent migrations, and a server before them")
	databaseURL := pgtest.EmptyURL(t)
	early := spawn(t, processOpts{env: []string{
		"ENVIRONMENT=development", "DATABASE_URL=" + databaseURL, "PORT=0", "METRICS_ADDR=off", "SHUTDOWN_DELAY=5m",
		"JWT_SECRET=" + secret,
	}}, programs["server"])
	begin := time.Now()
	if code := early.wait(t); code != 1 || !strings.Contains(early.output.String(), "migrate up") {
		t.Errorf("server on an empty database: exit status %d:\n%s", code, early.output)
	}
	row.saw("the server exited after %.1f s and named the command to run", time.Since(begin).Seconds())

	const migrators = 4
	var migrations []*process
	for range migrators {
		migrations = append(migrations, migrate(t, databaseURL, "up"))
	}
	applied := 0
	for _, p := range migrations {
		if code := p.wait(t); code != 0 {
			t.Errorf("exit status %d:\n%s", code, p.output)
		}
		applied += strings.Count(p.output.String(), "applied ")
	}
	// Not those in the database: a squashed migration records its predecessors, too.
	files, err := fs.Glob(db.Migrations(), "*.up.sql")
	if err != nil || applied != len(files) {
		t.Errorf("%d migrations were applied, want %d (%v)", applied, len(files), err)
	}
	row.saw("%d concurrent migrators applied each of %d migrations once", migrators, applied)
	r := start(t, replicaOpts{databaseURL: databaseURL})
	newSession(t, newCaller(r.url, &row.count))
	r.stop(t)
}

func migrate(t *testing.T, databaseURL string, args ...string) *process {
	t.Helper()
	env := []string{"ENVIRONMENT=production", "DATABASE_URL=" + databaseURL}
	return spawn(t, processOpts{env: env}, programs["migrate"], args...)
}

func TestDirtyMigration(t *testing.T) {
	row := report(t, "migrator killed during a migration; dirty schema")
	databaseURL := pgtest.EmptyURL(t)
	must(t, pgstore.Migrate(t.Context(), databaseURL))
	if p := migrate(t, databaseURL, "down", "1", "--yes"); p.wait(t) != 0 {
		t.Fatal(p.output)
	}
	// The migrator can read the version, but blocks on writing it.
	blocker := pgtest.Connect(t, databaseURL)
	_, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE schema_migrations IN SHARE MODE")
	must(t, err)
	migrator := migrate(t, databaseURL, "up")
	pgtest.Await(t, databaseURL, `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'migrate' AND wait_event_type = 'Lock')`)
	migrator.kill()
	_, err = blocker.Exec(t.Context(), "ROLLBACK")
	must(t, err)
	wantMigrated(t, databaseURL)
	row.saw("killed: the next run succeeds")

	pgtest.Exec(t, databaseURL, "UPDATE schema_migrations SET dirty = true") // as other tools may leave it
	server := spawn(t, processOpts{env: []string{
		"ENVIRONMENT=development", "DATABASE_URL=" + databaseURL, "PORT=0", "METRICS_ADDR=off", "JWT_SECRET=" + secret,
	}}, programs["server"])
	for _, p := range []*process{server, migrate(t, databaseURL, "up")} {
		if code := p.wait(t); code != 1 || !strings.Contains(p.output.String(), "repair") {
			t.Errorf("dirty schema: exit status %d:\n%s", code, p.output)
		}
	}
	version := pgtest.Value[int](t, databaseURL, "SELECT version FROM schema_migrations")
	if p := migrate(t, databaseURL, "repair", "--version", strconv.Itoa(version), "--yes"); p.wait(t) != 0 {
		t.Errorf("repairing:\n%s", p.output)
	}
	wantMigrated(t, databaseURL)
	row.saw("dirty: rejected with the repair command, which works")
	r := start(t, replicaOpts{databaseURL: databaseURL})
	newSession(t, newCaller(r.url, &row.count))
	r.stop(t)
}

func wantMigrated(t *testing.T, databaseURL string) {
	t.Helper()
	if p := migrate(t, databaseURL, "up"); p.wait(t) != 0 || !strings.Contains(p.output.String(), "the newest") {
		t.Errorf("migrating:\n%s", p.output)
	}
}
