//go:build faults

package faults_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
)

func TestReadOnlyDatabase(t *testing.T) {
	row := report(t, "read-only database, then writable")
	db := startCluster(t, folder(t)+"/cluster")
	databaseURL := db.database(t, "readonly")
	r := start(t, replicaOpts{databaseURL: databaseURL})
	c := newCaller(r.url, &row.count)
	sessions := newSessions(t, c, 5)
	pgtest.Exec(t, databaseURL, "ALTER SYSTEM SET default_transaction_read_only = on")
	pgtest.Exec(t, databaseURL, "SELECT pg_reload_conf()")
	awaitDegraded(t, r, true)
	const rounds = 20
	for range rounds {
		for _, s := range sessions {
			s.me(t.Context(), c, http.StatusOK)
			s.rotate(t.Context(), c, http.StatusServiceUnavailable)
		}
		c.call(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()), http.StatusServiceUnavailable)
		known := credentials(sessions[0].email)
		c.call(t.Context(), http.MethodPost, loginPath, "", known, http.StatusServiceUnavailable)
		c.call(t.Context(), http.MethodGet, readyPath, "", "", http.StatusOK)
	}
	writable := db.URL("postgres") + "&default_transaction_read_only=off"
	pgtest.Exec(t, writable, "ALTER SYSTEM RESET default_transaction_read_only")
	pgtest.Exec(t, databaseURL, "SELECT pg_reload_conf()")
	awaitDegraded(t, r, false)
	wantAlive(t, c, sessions)
	pgtest.CheckSessions(t, databaseURL)
	row.saw("reads 200, writes 503, ready 200 and degraded; recovered without a restart")
	r.stop(t)
}

// A trigger raises PostgreSQL's error code of a full disk, because filling a disk would need one.
func TestFullDisk(t *testing.T) {
	row := report(t, "disk full (simulated), then free")
	databaseURL := pgtest.URL(t)
	r := start(t, replicaOpts{databaseURL: databaseURL})
	c := newCaller(r.url, &row.count)
	sessions := newSessions(t, c, 5)
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE SQLSTATE '53100'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	for _, s := range sessions {
		s.rotate(t.Context(), c, http.StatusServiceUnavailable)
		s.me(t.Context(), c, http.StatusOK)
	}
	awaitDegraded(t, r, true)
	pgtest.Exec(t, databaseURL, "DROP FUNCTION full_disk CASCADE")
	wantAlive(t, c, sessions)
	awaitDegraded(t, r, false)
	pgtest.CheckSessions(t, databaseURL)
	row.saw("reads 200, writes 503, ready 200 and degraded until a write succeeded")
	r.stop(t)
}

// awaitDegraded waits until readiness reports degraded, or no longer does. Readiness must stay 200.
func awaitDegraded(t *testing.T, r *replica, degraded bool) {
	t.Helper()
	for range 1000 {
		a := r.awaitStatus(t, readyPath, http.StatusOK)
		if strings.Contains(a.body, `"degraded":["writes"]`) == degraded {
			return
		}
	}
	t.Fatalf("readiness does not report degraded %t", degraded)
}
