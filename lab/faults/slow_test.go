//go:build faults

package faults_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
	"github.com/jackc/pgx/v5"
)

// requestDeadline is what a request may take, and then some for a busy machine to say so.
const requestDeadline = 10*time.Second + 2*time.Second

// slowest is the time of the slowest answer.
type slowest struct {
	mu   sync.Mutex
	took time.Duration
}

func (s *slowest) add(a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = max(s.took, a.took)
}

// hold has a connection hold a lock until the function that it returns is called.
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

// Everything that has to do with the database hangs; what has not goes on.
func TestPoolExhausted(t *testing.T) {
	row := report(t, "pool exhausted: a lock on a table, 3 connections, 60 callers")
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
		t.Errorf("the slowest answer took %s, of liveness %s", last.took, live.took)
	}
	row.saw("each was refused within %.1f s; liveness took %.0f ms at most; 200 again when the lock was gone",
		last.took.Seconds(), float64(live.took.Milliseconds()))
	r.stop(t)
}

func TestSlowQueries(t *testing.T) {
	row := report(t, "slow queries; callers that leave")
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
	if ended > 4*time.Second { // and not with their time, which is 8
		t.Errorf("the queries of callers who left ended after %s", ended)
	}
	row.saw("%d callers left, and their queries ended within %.1f s", callers, ended.Seconds())

	var last slowest
	for range callers {
		waiting.Go(func() {
			last.add(c.call(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()), http.StatusServiceUnavailable))
		})
	}
	c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK)
	waiting.Wait()
	if last.took > requestDeadline {
		t.Errorf("the slowest answer took %s", last.took)
	}
	pgtest.Exec(t, databaseURL, "DROP FUNCTION dawdle CASCADE")
	if users := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users"); users != 1 {
		t.Errorf("there are %d users: something was half done", users)
	}
	newSession(t, c)
	row.saw("%d that stayed were refused within %.1f s", callers, last.took.Seconds())
	r.stop(t)
}
