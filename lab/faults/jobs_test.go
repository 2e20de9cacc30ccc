//go:build faults

package faults_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// effects has a row for each attempt at a job of buggy-server, and every registration enqueues one.
const effects = "CREATE TABLE effects (email text NOT NULL)"

// owed counts accounts without an effect, and strays effects of transactions that were rolled back.
const (
	owed   = "SELECT count(*) FROM users WHERE email NOT IN (SELECT email FROM effects)"
	strays = "SELECT count(*) FROM effects WHERE email NOT IN (SELECT email FROM users)"
)

// overdue makes attempts of servers that were killed look old, so that they run again soon.
const overdue = `DO $$ BEGIN
	UPDATE river_job SET attempted_at = attempted_at - interval '2 minutes' WHERE state = 'running'; END $$`

// wantEffects checks that no job is lost, and none has run for an account that does not exist.
func wantEffects(t *testing.T, databaseURL string) {
	t.Helper()
	for begin := time.Now(); pgtest.Value[int](t, databaseURL, owed) > 0; during(t, 20*time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("jobs are lost: %v", pgtest.Value[[]string](t, databaseURL,
				"SELECT array_agg(state || ' ' || attempt || coalesce(' ' || errors[1]::text, '')) FROM river_job WHERE state <> 'completed'"))
		}
	}
	if n := pgtest.Value[int](t, databaseURL, strays); n > 0 {
		t.Errorf("%d jobs ran although their transaction was rolled back", n)
	}
}

// working is the setting of a buggy-server whose jobs take a time.
func working(took string) map[string]string { return map[string]string{"FAULTS_JOBS": took} }

// Servers without workers are killed at the commit, before it or after it; those with workers are
// killed while the job starts.
func TestKillBetweenCommitAndJob(t *testing.T) {
	row := report(t, "kill -9 at the commit of a registration, and while its job starts")
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, effects)
	w := newWire(t, databaseURL)
	opts := replicaOpts{program: "buggy-server", databaseURL: w.url, port: freePort(t)}
	const kills = 20
	for i := range kills {
		opts.changes = working("0s")
		inWorker := i >= kills/2
		if !inWorker {
			opts.changes["JOBS"] = "off"
		}
		r := start(t, opts)
		register := func() {
			newCaller(r.url, &tally{}).send(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()))
		}
		if inWorker {
			register()
			r.kill()
		} else {
			killed := w.cutAt("commit", i%2 == 1, r.kill)
			register()
			<-killed
		}
		pgtest.Exec(t, databaseURL, overdue)
	}
	r := start(t, opts)
	c := newCaller(r.url, &row.count)
	newSession(t, c)
	wantEffects(t, databaseURL)
	const wanted = kills * 3 / 4
	if committed := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users") - 1; committed != wanted {
		t.Errorf("%d of %d transactions were committed, want %d", committed, kills, wanted)
	}
	row.saw("%d kills, %d after the commit: each of their jobs ran, none of the others", kills, wanted)
	r.stop(t)
}

func TestKillDuringJob(t *testing.T) {
	row := report(t, "kill -9 during a job")
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, effects)
	opts := replicaOpts{program: "buggy-server", databaseURL: databaseURL, changes: working("1h")}
	r := start(t, opts)
	c := newCaller(r.url, &row.count)
	newSession(t, c)
	pgtest.Await(t, databaseURL, "SELECT count(*) = 1 FROM effects")
	r.kill()
	pgtest.Exec(t, databaseURL, overdue)
	opts.changes = working("0s")
	r = start(t, opts)
	begin := time.Now()
	for pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM river_job WHERE kind = 'effect' AND state = 'completed'") == 0 {
		during(t, 20*time.Millisecond)
		if time.Since(begin) > patience {
			t.Fatalf("the job does not run again:\n%s", tail(r.output.String()))
		}
	}
	row.saw("another server ran it again, %.0f s after it counted as dead", time.Since(begin).Seconds())
	r.stop(t)
}

func TestDatabaseRestartDuringJobs(t *testing.T) {
	row := report(t, "database restart while two servers run jobs")
	db := startCluster(t, folder(t)+"/cluster")
	databaseURL := db.database(t, "jobs")
	pgtest.Exec(t, databaseURL, effects)
	opts := replicaOpts{program: "buggy-server", databaseURL: databaseURL, changes: working("200ms")}
	one, two := start(t, opts), start(t, opts)
	c := newCaller(balance(t, one, two).url, &row.count)
	register := func(n int) {
		var people sync.WaitGroup
		for range 4 {
			people.Go(func() {
				for range n {
					c.call(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()),
						http.StatusCreated, http.StatusServiceUnavailable)
				}
			})
		}
		people.Wait()
	}
	register(20)
	restarted := make(chan struct{})
	go func() {
		defer close(restarted)
		must(t, db.Stop())
		db.start(t)
	}()
	register(20)
	<-restarted
	register(20)
	pgtest.Exec(t, databaseURL, overdue)
	wantEffects(t, databaseURL)
	users := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users")
	attempts := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM effects")
	row.saw("%d registrations, each of their jobs ran, %d more than once", users, attempts-users)
	for _, r := range []*replica{one, two} {
		r.stop(t)
	}
}
