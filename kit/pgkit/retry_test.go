package pgkit_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

// read returns the name of a row.
func read(t *testing.T, pool *pgkit.Pool) (string, error) {
	t.Helper()
	return pgkit.Read(t.Context(), func() (name string, err error) {
		err = pool.QueryRow(t.Context(), "-- name: GetName :one\nSELECT name FROM things WHERE id = 1").Scan(&name)
		return name, err
	})
}

func TestReadRunsAgainAfterALostConnection(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{false, true} {
		pool := open(t, testdb.LoseOnce(t, databases.URL(t), "GetName", answered), pgkit.Options{})
		if name, err := read(t, pool); name != "one" || err != nil {
			t.Errorf("answered %t: got %q, %v", answered, name, err)
		}
		pool.Close() // before the proxy ends
	}
}

// A restart of the server closes all open connections.
func TestClosedConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	const conns = 4
	pool := open(t, databaseURL, pgkit.Options{MinConns: conns, MaxConns: conns, ApplicationName: "closed"})
	const terminate = `SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'closed'`
	for name, use := range map[string]func() error{
		"a query":     func() error { _, err := read(t, pool); return err },
		"a statement": func() error { return rename(t.Context(), pool, 1, "one") },
		"a transaction": func() error {
			return pool.InTx(t.Context(), func(tx pgx.Tx) error { return rename(t.Context(), tx, 1, "one") })
		},
	} {
		hold(t, pool, conns, func() {}) // opens all
		if killed := testdb.Value[int](t, databaseURL, terminate); killed != conns {
			t.Fatalf("killed %d connections, want %d", killed, conns)
		}
		for range conns {
			if err := use(); err != nil {
				t.Errorf("%s fails: %v", name, err)
			}
		}
	}
}
