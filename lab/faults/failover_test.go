//go:build faults

package faults_test

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// The primary is killed and its standby is promoted, while two replicas that know both serve
// requests.
func TestFailover(t *testing.T) {
	row := report(t, "primary killed under load, failover to a standby")
	dir := folder(t)
	settings := []string{"wal_level=replica", "max_wal_senders=4", "hot_standby=on"}
	primary := startCluster(t, dir+"/primary", settings...)
	databaseURL := primary.database(t, "failover")
	standby := follow(t, primary, dir+"/standby", settings)

	both, err := url.Parse(databaseURL)
	must(t, err)
	other, err := url.Parse(standby.URL("failover"))
	must(t, err)
	both.Host = other.Host + "," + both.Host // the standby first: the service must skip it
	opts := replicaOpts{databaseURL: both.String(), changes: map[string]string{"APP_NAME": "failover"}}
	one, two := start(t, opts), start(t, opts)
	c := newCaller(balance(t, one, two).url, &row.count)
	sessions := newSessions(t, c, 20)
	const connections = "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'failover'"
	if n := pgtest.Value[int](t, standby.URL("failover"), connections); n != 0 {
		t.Errorf("%d connections to the standby, want 0", n)
	}

	load := startLoad(t, c, sessions, 100, http.StatusOK, http.StatusServiceUnavailable)
	during(t, time.Second)
	outage := time.Now()
	primary.kill(t)
	during(t, 200*time.Millisecond) // the time to detect the outage
	if !pgtest.Value[bool](t, standby.URL("postgres"), "SELECT pg_promote()") {
		t.Fatal("the standby was not promoted")
	}
	back := time.Now()
	during(t, recoveryLimit+time.Second)
	load.end()
	recovery := row.count.recovery(back)
	if recovery > recoveryLimit {
		t.Errorf("the last refused request was sent %s after the promotion", recovery)
	}
	wantAlive(t, c, sessions) // replication is synchronous: no commit is lost
	pgtest.CheckSessions(t, standby.URL("failover"))
	row.saw("0 × 500; %.1f s without a primary, recovered %.1f s after; %d of %d sessions valid on the new one",
		back.Sub(outage).Seconds(), recovery.Seconds(), len(sessions), len(sessions))
	for _, r := range []*replica{one, two} {
		r.stop(t)
	}
}

// follow creates a standby from a copy of the cluster's folder, with synchronous replication.
func follow(t *testing.T, primary *cluster, dir string, settings []string) *cluster {
	t.Helper()
	must(t, primary.Stop())
	copied := exec.CommandContext(t.Context(), "cp", "-Rp", primary.Dir(), dir)
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must(t, os.Remove(filepath.Join(dir, "port")))
	signal := filepath.Join(dir, "data", "standby.signal")
	must(t, os.WriteFile(signal, nil, 0o644)) //nolint:gosec // G306: the server may run as another user
	primary.start(t)
	standby := startCluster(t, dir, append(settings, "primary_conninfo="+primary.URL("postgres"))...)
	pgtest.Exec(t, primary.URL("postgres"), "ALTER SYSTEM SET synchronous_standby_names = '*'")
	pgtest.Exec(t, primary.URL("postgres"), "SELECT pg_reload_conf()")
	pgtest.Await(t, primary.URL("postgres"),
		"SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')")
	return standby
}
