//go:build faults

package faults_test

import (
	"net/http"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// PostgreSQL resolves a deadlock with another client's transaction by canceling ours.
func TestDeadlock(t *testing.T) {
	row := report(t, "deadlock")
	databaseURL := pgtest.URL(t)
	r := start(t, replicaOpts{databaseURL: databaseURL, changes: map[string]string{"APP_NAME": "deadlock"}})
	c := newCaller(r.url, &row.count)
	const rounds = 3
	for range rounds {
		s := newSession(t, c)
		// The password change ends the session of this login.
		c.call(t.Context(), http.MethodPost, loginPath, "", credentials(s.email), http.StatusOK)
		// The service locks the account and then the session, the other client in reverse order
		// with a longer deadlock_timeout.
		other, release := hold(t, databaseURL, `SET LOCAL deadlock_timeout = '1min';
			SELECT FROM sessions JOIN users ON users.id = user_id WHERE email = '`+s.email+`' FOR UPDATE OF sessions`)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			body := `{"password":"another long password","current_password":"` + password + `"}`
			c.call(t.Context(), http.MethodPatch, mePath, s.access, body, http.StatusOK)
		}()
		pgtest.Await(t, databaseURL, `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'deadlock' AND wait_event_type = 'Lock')`)
		_, err := other.Exec(t.Context(), "UPDATE users SET name = 'theirs' WHERE email = '"+s.email+"'")
		must(t, err)
		release()
		<-answered
		s.me(t.Context(), c, http.StatusOK)
	}
	deadlocks := pgtest.Value[int](t, databaseURL,
		"SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
	if deadlocks < rounds {
		t.Errorf("%d deadlocks, want at least %d", deadlocks, rounds)
	}
	pgtest.CheckSessions(t, databaseURL)
	row.saw("%d deadlocks, invisible to clients", deadlocks)
	r.stop(t)
}

func TestSerializationFailures(t *testing.T) {
	row := report(t, "serialization failures")
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `CREATE SEQUENCE attempts; CREATE SEQUENCE failures;
		CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('attempts') <= (SELECT last_value FROM failures) THEN RAISE SQLSTATE '40001'; END IF;
			RETURN NEW; END $$;
		CREATE TRIGGER collide BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION collide()`)
	r := start(t, replicaOpts{databaseURL: databaseURL})
	c := newCaller(r.url, &row.count)
	for _, test := range []struct{ failures, attempts, status int }{
		{2, 3, http.StatusCreated}, {1000, 3, http.StatusServiceUnavailable}, {2, 3, http.StatusCreated},
	} {
		pgtest.Exec(t, databaseURL, "SELECT setval('attempts', 1, false), setval('failures', $1)", test.failures)
		c.call(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()), test.status)
		attempts := pgtest.Value[int](t, databaseURL, "SELECT last_value::int FROM attempts")
		if attempts != test.attempts {
			t.Errorf("%d attempts, want %d", attempts, test.attempts)
		}
		row.saw("%d in a row: %d after %d attempts", test.failures, test.status, test.attempts)
	}
	pgtest.CheckSessions(t, databaseURL)
	r.stop(t)
}
