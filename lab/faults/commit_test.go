//go:build faults

package faults_test

import (
	"net/http"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// The outcome of a COMMIT without a response is unknown. The client gets 503 and can find out with
// a second request.
func TestConnectionLostAtCommit(t *testing.T) {
	for _, committed := range []bool{false, true} {
		when := map[bool]string{false: "before", true: "after"}[committed]
		t.Run(when, func(t *testing.T) {
			row := report(t, "connection cut "+when+" the server received COMMIT")
			databaseURL := pgtest.URL(t)
			w := newWire(t, databaseURL)
			r := start(t, replicaOpts{databaseURL: w.url, changes: map[string]string{"JOBS": "off"}}) // jobs commit, too
			c := newCaller(r.url, &row.count)
			const rounds = 25
			created, taken := 0, 0
			for range rounds {
				cutRefresh(t, c, w, committed)
				if cutRegistration(t, c, w, committed) == http.StatusCreated {
					created++
				} else {
					taken++
				}
			}
			if committed && taken != rounds || !committed && created != rounds {
				t.Errorf("retried registrations: %d × 201 and %d × 409", created, taken)
			}
			pgtest.CheckSessions(t, databaseURL)
			row.saw("%d refreshes and %d registrations got 503; retried: refresh 200, register %d × 201 and %d × 409",
				rounds, rounds, created, taken)
			r.stop(t)
		})
	}
}

func cutRefresh(t *testing.T, c *caller, w *wire, committed bool) {
	t.Helper()
	s := newSession(t, c)
	cut := w.cutAt("commit", committed, func() {})
	s.rotate(t.Context(), c, http.StatusServiceUnavailable)
	<-cut
	s.rotate(t.Context(), c, http.StatusOK) // within grace, if the first one was committed
	s.rotate(t.Context(), c, http.StatusOK)
}

// cutRegistration returns the status of the retry.
func cutRegistration(t *testing.T, c *caller, w *wire, committed bool) int {
	t.Helper()
	body := credentials(newEmail())
	cut := w.cutAt("commit", committed, func() {})
	c.call(t.Context(), http.MethodPost, registerPath, "", body, http.StatusServiceUnavailable)
	<-cut
	again := c.call(t.Context(), http.MethodPost, registerPath, "", body, http.StatusCreated, http.StatusConflict)
	c.call(t.Context(), http.MethodPost, loginPath, "", body, http.StatusOK)
	return again.status
}
