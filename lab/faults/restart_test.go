//go:build faults

package faults_test

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// recoveryLimit is the maximum time from the end of an outage to the last refused request.
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

// A killed backend makes PostgreSQL close all connections and restart itself.
func TestDatabaseBackendKilled(t *testing.T) {
	row := report(t, "database backend killed (kill -9) under load")
	db := startCluster(t, folder(t)+"/cluster")
	databaseURL := db.database(t, "backend")
	restart(t, row, databaseURL, databaseURL, nil, func() {
		pid := pgtest.Value[int](t, db.URL("postgres"),
			"SELECT max(pid) FROM pg_stat_activity WHERE datname = 'backend'")
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		during(t, 200*time.Millisecond)
	})
}

// restart runs two replicas under load during an outage of the database.
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
		t.Errorf("the last refused request was sent %s after the outage", recovery)
	}
	wantAlive(t, c, sessions)
	pgtest.CheckSessions(t, databaseURL)
	for _, r := range []*replica{one, two} {
		r.stop(t)
	}
	row.saw("0 × 500; recovered %.1f s after the outage; %d of %d sessions valid",
		recovery.Seconds(), len(sessions), len(sessions))
}
