//go:build faults

package faults_test

import (
	"net/http"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// A rolling restart like an orchestrator's: replicas that are not ready get no requests.
func TestRollingRestart(t *testing.T) {
	row := report(t, "rolling restart (SIGTERM) at 200 requests per second")
	databaseURL := pgtest.URL(t)
	opts := []replicaOpts{
		{databaseURL: databaseURL, port: freePort(t), changes: map[string]string{"SHUTDOWN_DELAY": "2s"}},
		{databaseURL: databaseURL, port: freePort(t), changes: map[string]string{"SHUTDOWN_DELAY": "2s"}},
	}
	replicas := []*replica{start(t, opts[0]), start(t, opts[1])}
	b := balance(t, replicas...)
	c := newCaller(b.url, &row.count)
	sessions := newSessions(t, c, 20)
	begin := time.Now()
	load := startLoad(t, c, sessions, 200, http.StatusOK)
	during(t, time.Second)
	var reaction slowest
	for i := range replicas {
		signaled := time.Now()
		replicas[i].terminate(t)
		replicas[i].awaitStatus(t, readyPath, http.StatusServiceUnavailable)
		reaction.add(answer{took: time.Since(signaled)})
		b.send(t, replicas[1-i])
		if code := replicas[i].wait(t); code != 0 {
			t.Errorf("exit status %d:\n%s", code, replicas[i].output)
		}
		replicas[i] = start(t, opts[i])
		b.send(t, replicas...)
		during(t, time.Second)
	}
	load.end()
	sent, _, _, _ := row.count.figures()
	took := time.Since(begin)
	wantAlive(t, c, sessions)
	pgtest.CheckSessions(t, databaseURL)
	row.saw("0 resets at %.0f/s; ready 503 within %d ms; exit status 0",
		float64(sent)/took.Seconds(), reaction.took.Milliseconds())
	for _, r := range replicas {
		r.stop(t)
	}
}

// Requests that began before the signal are completed within their deadline.
func TestStopWithRequestsInFlight(t *testing.T) {
	row := report(t, "SIGTERM with slow requests in flight; a second signal")
	databaseURL := pgtest.URL(t)
	changes := map[string]string{"SHUTDOWN_DELAY": "100ms", "APP_NAME": "flight"}
	opts := replicaOpts{databaseURL: databaseURL, changes: changes}
	r := start(t, opts)
	c := newCaller(r.url, &row.count)
	_, release := hold(t, databaseURL, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
	const callers = 5
	answered := make(chan answer, callers)
	for range callers {
		go func() {
			body := credentials(newEmail())
			answered <- c.call(t.Context(), http.MethodPost, registerPath, "", body, http.StatusCreated)
		}()
	}
	pgtest.Await(t, databaseURL, `SELECT count(*) = $1 FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'flight' AND wait_event_type = 'Lock'`, callers)
	r.terminate(t)
	r.await(t, `"msg":"draining"`)
	for r.probe(t, livePath).err == nil { // the delay is over: new connections are refused
		during(t, 10*time.Millisecond)
	}
	release()
	for range callers {
		<-answered
	}
	if code := r.wait(t); code != 0 {
		t.Errorf("exit status %d:\n%s", code, r.output)
	}
	row.saw("%d requests in flight got 201, exit status 0", callers)

	opts.changes["SHUTDOWN_DELAY"] = "5m"
	r = start(t, opts)
	r.terminate(t)
	r.await(t, `"msg":"draining"`)
	second := time.Now()
	r.terminate(t)
	r.wait(t)
	if took := r.end.Sub(second); took > 5*time.Second {
		t.Errorf("the second signal took %s", took)
	}
	row.saw("a second signal stops immediately")
}
