//go:build faults

package faults_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// The overlay adds the panics; see bugs.
func TestPanics(t *testing.T) {
	row := report(t, "panics in a transaction and in the hashing gate")
	databaseURL := pgtest.URL(t)
	r := start(t, replicaOpts{program: "buggy-server", databaseURL: databaseURL, changes: map[string]string{
		"DATABASE_POOL_SIZE": "1", "DATABASE_MAX_OVERFLOW": "1",
	}})
	healthy, crashing := newCaller(r.url, &row.count), newCaller(r.url, &row.count)
	crashing.agent = bugInTransaction
	s := newSession(t, healthy)
	const rounds = 20 // more than there are connections and slots
	var bodies strings.Builder
	for range rounds {
		register := func(c *caller, body string) {
			a := c.call(t.Context(), http.MethodPost, registerPath, "", body, http.StatusInternalServerError)
			bodies.WriteString(a.body)
		}
		register(crashing, credentials(newEmail()))
		register(healthy, `{"email":"`+newEmail()+`","password":"`+bugInHashing+`"}`)
		s.rotate(t.Context(), healthy, http.StatusOK)
	}
	newSession(t, healthy)
	if strings.Contains(bodies.String(), "bug") || strings.Contains(bodies.String(), ".go") ||
		!strings.Contains(bodies.String(), "internal_error") {
		t.Errorf("responses: %s", bodies.String())
	}
	if users := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users"); users != 2 {
		t.Errorf("%d users, want 2: a transaction was not rolled back", users)
	}
	if stacks := strings.Count(r.output.String(), `"stack":`); stacks != 2*rounds {
		t.Errorf("%d stacks in the log, want %d", stacks, 2*rounds)
	}
	row.saw("%d panics: 500, stacks only in the log, rolled back, no connection or slot leaked", 2*rounds)
	r.stop(t)
}
