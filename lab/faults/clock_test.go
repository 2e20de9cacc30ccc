//go:build faults

package faults_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// The clocks of two replicas are off by different times. The database's decides; the server reads another one here, see bugs.
func TestSkewedClocks(t *testing.T) {
	row := report(t, "skewed clocks")
	databaseURL := pgtest.URL(t)
	right := start(t, replicaOpts{databaseURL: databaseURL})
	a := newCaller(right.url, &row.count)
	const said = "the clock differs from the database's"
	for offset, reported := range map[string]bool{"-24h": true, "-40s": true, "-20s": false, "20s": false, "40s": true, "24h": true} {
		wrong := start(t, replicaOpts{
			program: "buggy-server", databaseURL: databaseURL, changes: map[string]string{clockOffset: offset},
		})
		b := newCaller(wrong.url, &row.count)
		if reported {
			wrong.await(t, said)
		}
		// Sessions are judged alike, whichever replica is asked.
		s := newSession(t, b)
		first := s.refresh
		for _, c := range []*caller{a, b, a, b} {
			s.rotate(t.Context(), c, http.StatusOK)
		}
		// The family ends when its first token comes back, for each clock, grace or not.
		b.call(t.Context(), http.MethodPost, refreshPath, "", `{"refresh_token":"`+first+`"}`, http.StatusUnauthorized)
		s.rotate(t.Context(), a, http.StatusUnauthorized)
		if !reported { // and access tokens are good at both
			s := newSession(t, b)
			s.me(t.Context(), a, http.StatusOK)
			s.rotate(t.Context(), a, http.StatusOK)
			s.me(t.Context(), b, http.StatusOK)
		}
		wrong.stop(t)
		if strings.Contains(wrong.output.String(), said) != reported {
			t.Errorf("%s: it was reported: %t", offset, !reported)
		}
	}
	pgtest.CheckSessions(t, databaseURL)
	right.stop(t)
	row.saw("sessions are judged alike with clocks off by up to 24 h; 20 s are tolerated, 40 s reported")
}
