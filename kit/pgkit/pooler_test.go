package pgkit_test

import (
	"net/url"
	"slices"
	"testing"

	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// internal/app/pgbouncer_test.go has the pooler itself.
func TestWhatAPoolerDoesNotPassOn(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	all := []string{"idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"}
	for _, tc := range []struct {
		name, parameters string
		pooled           bool
		missing          []string
		prepares         bool
	}{
		{name: "no pooler", prepares: true},
		{name: "a pooler", pooled: true, missing: all},
		{name: "a pooler that keeps statements", parameters: "default_query_exec_mode=cache_statement", pooled: true, missing: all, prepares: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(databaseURL)
			if err != nil {
				t.Fatal(err)
			}
			if tc.parameters != "" {
				u.RawQuery += "&" + tc.parameters
			}
			store := pgtest.NewStore(t, u.String(), pgstore.Options{
				MaxConns: 1, TransactionPooler: tc.pooled, ApplicationName: tc.name,
			})
			missing, err := store.MissingLimits(t.Context())
			if err != nil || !slices.Equal(missing, tc.missing) {
				t.Errorf("missing: %v, %v; want %v", missing, err, tc.missing)
			}
			if prepared, err := store.PreparedStatements(t.Context()); err != nil || (prepared > 0) != tc.prepares {
				t.Errorf("%d prepared statements, %v; want some: %v", prepared, err, tc.prepares)
			}
		})
	}
}
