package pgkit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

func TestInTxCommitsOrRollsBack(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL, pgkit.Options{})
	failure := errors.New("fn failed")
	err := pool.InTx(t.Context(), func(tx pgx.Tx) error {
		return errors.Join(rename(t.Context(), tx, 1, "new"), failure)
	})
	if name := nameOf(t, databaseURL); !errors.Is(err, failure) || name != "one" {
		t.Errorf("after a failure: %v, the name is %s", err, name)
	}
	noError(t, pool.InTx(t.Context(), func(tx pgx.Tx) error { return rename(t.Context(), tx, 1, "new") }))
	if name := nameOf(t, databaseURL); name != "new" {
		t.Errorf("after a commit the name is %s", name)
	}
}

func TestPanicRollsBackAndReleasesTheConnection(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL, pgkit.Options{MaxConns: 1})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = pool.InTx(t.Context(), func(tx pgx.Tx) error {
			if err := rename(t.Context(), tx, 1, "new"); err != nil {
				return err
			}
			panic("a bug")
		})
	}()
	noError(t, pool.Ping(t.Context())) // on the only connection
	if name := nameOf(t, databaseURL); name != "one" {
		t.Errorf("the name is %s", name)
	}
}

// Two transactions lock the same rows in opposite order. PostgreSQL aborts one of them.
func TestDeadlockRunsAgain(t *testing.T) {
	t.Parallel()
	runs := race(t, open(t, databases.URL(t), pgkit.Options{}), [2][2]int{{1, 2}, {2, 1}})
	if runs < 3 { // more after another deadlock
		t.Errorf("the two transactions ran %d times, want 3", runs)
	}
}

// Two transactions change a row that both have read, which REPEATABLE READ rejects for the second.
func TestSerializationFailureRunsAgain(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	alterDatabase(t, databaseURL, "default_transaction_isolation = 'repeatable read'")
	runs := race(t, open(t, databaseURL, pgkit.Options{}), [2][2]int{{1, 3}, {2, 3}})
	if runs < 3 { // more after another failure
		t.Errorf("the two transactions ran %d times, want 3", runs)
	}
}

// race runs two transactions. Each changes its first row, waits until both have done so, and
// changes its second row. It returns the number of runs.
func race(t *testing.T, pool *pgkit.Pool, rows [2][2]int) int32 {
	t.Helper()
	const touch = "UPDATE things SET name = name WHERE id = $1"
	var runs atomic.Int32
	var group, changed sync.WaitGroup
	changed.Add(2)
	for _, pair := range rows {
		group.Go(func() {
			var once sync.Once
			err := pool.InTx(t.Context(), func(tx pgx.Tx) error {
				runs.Add(1)
				if _, err := tx.Exec(t.Context(), touch, pair[0]); err != nil {
					return err
				}
				once.Do(changed.Done)
				changed.Wait()
				_, err := tx.Exec(t.Context(), touch, pair[1])
				return err
			})
			if err != nil {
				t.Errorf("a transaction failed with %v", err)
			}
		})
	}
	group.Wait()
	return runs.Load()
}

// failWith makes each UPDATE fail with a SQLSTATE.
func failWith(t *testing.T, databaseURL, code string) {
	t.Helper()
	testdb.Exec(t, databaseURL, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE SQLSTATE '`+code+`'; END $$;
		CREATE TRIGGER fail BEFORE UPDATE ON things EXECUTE FUNCTION fail()`)
}

func TestInTxGivesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code        string
		runs        int
		unavailable bool
	}{
		"after three deadlocks":              {pgerrcode.DeadlockDetected, 3, true},
		"after three serialization failures": {pgerrcode.SerializationFailure, 3, true},
		"after a lock timeout":               {pgerrcode.LockNotAvailable, 1, true},
		"after a bug":                        {pgerrcode.UndefinedTable, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.URL(t)
			failWith(t, databaseURL, test.code)
			runs := 0
			err := open(t, databaseURL, pgkit.Options{}).InTx(t.Context(), func(tx pgx.Tx) error {
				runs++
				return rename(t.Context(), tx, 1, "new")
			})
			if runs != test.runs || pgkit.Unavailable(err) != test.unavailable {
				t.Errorf("it ran %d times, want %d: %v", runs, test.runs, err)
			}
			wantServerError(t, err, test.code)
		})
	}
}

func TestInTxStopsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	failWith(t, databaseURL, pgerrcode.SerializationFailure)
	runs := 0
	ctx, cancel := context.WithCancel(t.Context())
	err := open(t, databaseURL, pgkit.Options{}).InTx(ctx, func(tx pgx.Tx) error {
		runs++
		err := rename(ctx, tx, 1, "new")
		cancel()
		return err
	})
	if runs != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("it ran %d times and failed with %v, want once and that the context was canceled", runs, err)
	}
}

// After a COMMIT without an answer the outcome is unknown, so only earlier failures run again.
func TestTransactionRunsAgainUntilItsCommit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		marker   string
		answered bool
		runs     int
		kept     bool
	}{
		"lost before BEGIN":       {"begin", false, 1, true}, // pgx retries it
		"lost after BEGIN":        {"begin", true, 1, true},
		"lost before a statement": {"Rename", false, 2, true},
		"lost after a statement":  {"Rename", true, 2, true},
		"lost before COMMIT":      {"commit", false, 1, false},
		"lost after COMMIT":       {"commit", true, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.URL(t)
			pool := open(t, testdb.LoseOnce(t, databaseURL, test.marker, test.answered), pgkit.Options{})
			defer pool.Close() // before the proxy ends
			runs := 0
			err := pool.InTx(t.Context(), func(tx pgx.Tx) error {
				runs++
				return rename(t.Context(), tx, 1, "new")
			})
			if test.marker == "commit" {
				wantUnavailable(t, err, "")
			} else if err != nil {
				t.Error(err)
			}
			if runs != test.runs {
				t.Errorf("it ran %d times, want %d", runs, test.runs)
			}
			if kept := nameOf(t, databaseURL) == "new"; kept != test.kept {
				t.Errorf("kept: %t, want %t", kept, test.kept)
			}
		})
	}
}
