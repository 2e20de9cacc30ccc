//go:build faults

package faults_test

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// recoveryLimit is how long after the database is back the last request may be refused.
const recoveryLimit = 2 * time.Second

func TestDatabaseRestart(t *testing.T) {
	for _, test := range []struct {
		fault string
		stop  func(*testing.T, *cluster)
	}{
		{"database restart under load", func(t *testing.T, db *cluster) { t.Helper(); must(t, db.Stop()) }},
		{"database killed under load", func(t *testing.T, db *cluster) { t.Helper(); db.kill(t) }},
	} {
		t.Run(test.fault, func(t *testing.T) {
			row := report(t, test.fault)
			db := startCluster(t, folder(t)+"/cluster")
			databaseURL := db.database(t, "restart")
			restart(t, row, databaseURL, databaseURL, nil, func() {
				test.stop(t, db)
				during(t, 200*time.Millisecond)
				db.start(t)
			})
		})
	}
}

// A backend that dies takes all connections with it, and PostgreSQL starts over by itself.
func TestDatabaseBackendKilled(t *testing.T) {
	row := report(t, "a backend killed (kill -9) under load")
	db := startCluster(t, folder(t)+"/cluster")
	databaseURL := db.database(t, "backend")
	restart(t, row, databaseURL, databaseURL, nil, func() {
		pid := pgtest.Value[int](t, db.URL("postgres"), "SELECT max(pid) FROM pg_stat_activity WHERE datname = 'backend'")
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		during(t, 200*time.Millisecond)
	})
}

// restart has two replicas under load while the database goes away and comes back.
func restart(t *testing.T, row *row, serverURL, databaseURL string, changes map[string]string, outage func()) {
	t.Helper()
	opts := replicaOpts{databaseURL: serverURL, changes: changes}
	one, two := start(t, opts), start(t, opts)
	c := newCaller(balance(t, one, two).url, &row.count)
	sessions := newSessions(t, c, 20)
	load := startLoad(t, c, sessions, 100, http.StatusOK, http.StatusServiceUnavailable)
	during(t, time.Second)
	outage()
	back := time.Now()
	during(t, recoveryLimit+time.Second)
	load.end()
	recovery := row.count.recovery(back)
	if recovery > recoveryLimit {
		t.Errorf("requests were refused until %s after the database was back", recovery)
	}
	wantAlive(t, c, sessions)
	pgtest.CheckSessions(t, databaseURL)
	for _, r := range []*replica{one, two} {
		r.stop(t)
	}
	row.saw("0 × 500; all served %.1f s after it was back; %d of %d sessions alive", recovery.Seconds(), len(sessions), len(sessions))
}
