//go:build faults

package faults_test

import (
	"net/http"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// rotation lists the statements of a refresh, in order; see domain.SessionService.RefreshTokens.
var rotation = []string{ //nolint:gochecknoglobals // read only
	"begin", "LockSessionOfRefreshToken", "GetRefreshToken", "UseRefreshToken", "PruneRefreshTokens", "CreateRefreshToken",
	"TouchSession", "commit",
}

// A process killed at any statement leaves consistent sessions, and a retry succeeds.
func TestKillDuringRefresh(t *testing.T) {
	row := report(t, "kill -9 during a refresh, at each statement")
	databaseURL := pgtest.URL(t)
	w := newWire(t, databaseURL)
	opts := replicaOpts{databaseURL: w.url, port: freePort(t), changes: map[string]string{
		"REFRESH_GRACE_SECONDS": "60", "JOBS": "off", // jobs have transactions, too
	}}
	r := start(t, opts)
	c := newCaller(r.url, &row.count)
	s := newSession(t, c)
	s.rotate(t.Context(), c, http.StatusOK) // creates a parent with a sealed successor
	const kills = 50
	interrupted := &tally{}
	for i := range kills {
		moment := i % (2 * len(rotation))
		killed := w.cutAt(rotation[moment/2], moment%2 == 1, r.kill)
		if a := s.rotate(t.Context(), newCaller(r.url, interrupted), http.StatusOK); a.err == nil {
			t.Fatalf("kill %d, at %s: %d %s", i, rotation[moment/2], a.status, a.body)
		}
		<-killed
		pgtest.CheckSessions(t, databaseURL)
		r = start(t, opts)
		s.rotate(t.Context(), c, http.StatusOK)
		s.rotate(t.Context(), c, http.StatusOK)
		if t.Failed() {
			t.Fatalf("after kill %d, at %s", i, rotation[moment/2])
		}
	}
	pgtest.CheckSessions(t, databaseURL)
	row.saw("%d requests killed with their server (not counted here); the session continued after each, "+
		"all SQL invariants held", kills)
	r.stop(t)
}
