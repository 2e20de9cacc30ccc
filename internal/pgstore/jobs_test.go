package pgstore_test

import (
	"errors"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "greet" }

type greetOnce struct{ greet }

func (greetOnce) Unique() {}

func TestEnqueueJob(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	errRolledBack := errors.New("rolled back")
	enqueue := func(outcome error, jobs ...domain.Job) error {
		return store.InTx(t.Context(), func(tx domain.Store) error {
			for _, job := range jobs {
				if err := tx.EnqueueJob(t.Context(), job); err != nil {
					return err
				}
			}
			return outcome
		})
	}

	if err := enqueue(errRolledBack, greet{"Ada"}); !errors.Is(err, errRolledBack) {
		t.Fatal(err)
	}
	const kinds = "SELECT count(*) FROM river_job WHERE state = 'available' AND args ->> 'name' = 'Ada'"
	if n := pgtest.Value[int](t, databaseURL, kinds); n != 0 {
		t.Errorf("a transaction that was rolled back enqueued %d jobs", n)
	}
	if err := enqueue(nil, greet{"Ada"}, greet{"Ada"}, greetOnce{greet{"Grace"}}, greetOnce{greet{"Grace"}}); err != nil {
		t.Fatal(err)
	}
	if n := pgtest.Value[int](t, databaseURL, kinds); n != 2 {
		t.Errorf("%d jobs wait, want 2", n)
	}
	const unique = "SELECT count(*) FROM river_job WHERE args ->> 'name' = 'Grace'"
	if n := pgtest.Value[int](t, databaseURL, unique); n != 1 {
		t.Errorf("%d equal unique jobs wait, want 1", n)
	}
	if err := store.EnqueueJob(t.Context(), greet{"Ada"}); err == nil {
		t.Error("a job was enqueued outside of a transaction")
	}
}
