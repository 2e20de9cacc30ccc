//go:build faults

package faults_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// The clocks of two replicas differ. Sessions depend on the database's clock only; the overlay
// shifts the server's.
func TestSkewedClocks(t *testing.T) {
	row := report(t, "skewed clocks")
	databaseURL := pgtest.URL(t)
	exact := start(t, replicaOpts{databaseURL: databaseURL})
	a := newCaller(exact.url, &row.count)
	const warning = "the clock differs from the database's"
	for offset, reported := range map[string]bool{
		"-24h": true, "-40s": true, "-20s": false, "20s": false, "40s": true, "24h": true,
	} {
		shifted := start(t, replicaOpts{
			program: "buggy-server", databaseURL: databaseURL, changes: map[string]string{clockOffset: offset},
		})
		b := newCaller(shifted.url, &row.count)
		if reported {
			shifted.await(t, warning)
		}
		// Both replicas accept the session's tokens.
		s := newSession(t, b)
		first := s.refresh
		for _, c := range []*caller{a, b, a, b} {
			s.rotate(t.Context(), c, http.StatusOK)
		}
		// Reuse of the first token ends the session at both replicas, even after the grace period.
		b.call(t.Context(), http.MethodPost, refreshPath, "", `{"refresh_token":"`+first+`"}`, http.StatusUnauthorized)
		s.rotate(t.Context(), a, http.StatusUnauthorized)
		if !reported { // access tokens are valid at both
			s := newSession(t, b)
			s.me(t.Context(), a, http.StatusOK)
			s.rotate(t.Context(), a, http.StatusOK)
			s.me(t.Context(), b, http.StatusOK)
		}
		shifted.stop(t)
		if strings.Contains(shifted.output.String(), warning) != reported {
			t.Errorf("offset %s: reported %t, want %t", offset, !reported, reported)
		}
	}
	pgtest.CheckSessions(t, databaseURL)
	exact.stop(t)
	row.saw("sessions work with clock offsets up to 24 h; 20 s are tolerated, 40 s reported")
}
