//go:build faults

package faults_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/pgtest"
)

// requestDeadline is the request timeout of the service plus a margin for a busy machine.
const requestDeadline = 10*time.Second + 2*time.Second

// slowest is the duration of the slowest response.
type slowest struct {
	mu   sync.Mutex
	took time.Duration
}

func (s *slowest) add(a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = max(s.took, a.took)
}

// hold opens a transaction that holds a lock until the returned function is called.
func hold(t *testing.T, databaseURL, lock string) (*pgx.Conn, func()) {
	t.Helper()
	conn := pgtest.Connect(t, databaseURL)
	for _, sql := range []string{"BEGIN", lock} {
		_, err := conn.Exec(t.Context(), sql)
		must(t, err)
	}
	return conn, func() {
		_, err := conn.Exec(t.Context(), "ROLLBACK")
		must(t, err)
	}
}

// Requests that need the database time out; others are served.
func TestPoolExhausted(t *testing.T) {
	row := report(t, "pool exhausted: a table lock, 3 connections, 60 requests")
	databaseURL := pgtest.URL(t)
	r := start(t, replicaOpts{databaseURL: databaseURL, changes: map[string]string{
		"DATABASE_POOL_SIZE": "1", "DATABASE_MAX_OVERFLOW": "2",
	}})
	c := newCaller(r.url, &row.count)
	s := newSession(t, c)
	_, release := hold(t, databaseURL, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
	var waiting sync.WaitGroup
	var last, live slowest
	const callers = 60
	for range callers {
		waiting.Go(func() { last.add(s.me(t.Context(), c, http.StatusServiceUnavailable)) })
	}
	done := make(chan struct{})
	go func() {
		waiting.Wait()
		close(done)
	}()
	for waits := true; waits; {
		live.add(c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK))
		select {
		case <-done:
			waits = false
		case <-time.After(100 * time.Millisecond):
		}
	}
	release()
	r.awaitStatus(t, readyPath, http.StatusOK)
	s.me(t.Context(), c, http.StatusOK)
	if last.took > requestDeadline || live.took > time.Second {
		t.Errorf("the slowest response took %s, the slowest liveness probe %s", last.took, live.took)
	}
	row.saw("each refused within %.1f s; liveness within %.0f ms; 200 again after the lock was released",
		last.took.Seconds(), float64(live.took.Milliseconds()))
	r.stop(t)
}

func TestSlowQueries(t *testing.T) {
	row := report(t, "slow queries; canceled requests")
	databaseURL := pgtest.URL(t)
	r := start(t, replicaOpts{databaseURL: databaseURL, changes: map[string]string{"APP_NAME": "slow"}})
	c := newCaller(r.url, &row.count)
	newSession(t, c)
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
		CREATE TRIGGER dawdle BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION dawdle()`)

	const running = `(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND application_name = 'slow' AND wait_event = 'PgSleep')`
	const callers = 5
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	gone := newCaller(r.url, &tally{})
	var waiting sync.WaitGroup
	for range callers {
		waiting.Go(func() { gone.send(ctx, http.MethodPost, registerPath, "", credentials(newEmail())) })
	}
	pgtest.Await(t, databaseURL, "SELECT "+running+" = $1", callers)
	begin := time.Now()
	leave()
	waiting.Wait()
	pgtest.Await(t, databaseURL, "SELECT "+running+" = 0")
	ended := time.Since(begin)
	if ended > 4*time.Second { // less than their timeout of 8 s
		t.Errorf("the queries of canceled requests ended after %s", ended)
	}
	row.saw("the queries of %d canceled requests ended within %.1f s", callers, ended.Seconds())

	var last slowest
	for range callers {
		waiting.Go(func() {
			body := credentials(newEmail())
			last.add(c.call(t.Context(), http.MethodPost, registerPath, "", body, http.StatusServiceUnavailable))
		})
	}
	c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK)
	waiting.Wait()
	if last.took > requestDeadline {
		t.Errorf("the slowest response took %s", last.took)
	}
	pgtest.Exec(t, databaseURL, "DROP FUNCTION dawdle CASCADE")
	if users := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users"); users != 1 {
		t.Errorf("%d users, want 1: a transaction was not rolled back", users)
	}
	newSession(t, c)
	row.saw("%d others were refused within %.1f s", callers, last.took.Seconds())
	r.stop(t)
}
