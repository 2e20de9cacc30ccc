package pgkit_test

import (
	"slices"
	"testing"

	"example.com/plinth/kit/pgkit"
)

// make check-pooler runs a real pooler.
func TestTransactionPoolerMode(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	all := []string{"idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"}
	for _, tc := range []struct {
		name, parameters string
		pooled           bool
		missing          []string
		prepares         bool
	}{
		{name: "no pooler", prepares: true},
		{name: "a pooler", pooled: true, missing: all},
		{
			name: "a pooler that keeps statements", parameters: "default_query_exec_mode=cache_statement", pooled: true,
			missing: all, prepares: true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u := parse(t, databaseURL)
			if tc.parameters != "" {
				u.RawQuery += "&" + tc.parameters
			}
			pool := open(t, u.String(), pgkit.Options{
				MaxConns: 1, TransactionPooler: tc.pooled,
				ApplicationName: tc.name,
			})
			missing, err := pool.MissingLimits(t.Context())
			if err != nil || !slices.Equal(missing, tc.missing) {
				t.Errorf("missing: %v, %v; want %v", missing, err, tc.missing)
			}
			var prepared int
			err = pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&prepared)
			if err != nil || (prepared > 0) != tc.prepares {
				t.Errorf("%d prepared statements, %v; want some: %v", prepared, err, tc.prepares)
			}
		})
	}
}
