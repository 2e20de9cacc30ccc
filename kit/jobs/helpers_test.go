package jobs_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"example.com/plinth/kit/jobs"
	"example.com/plinth/kit/testdb"
)

// databases have the tables of River, and one for what jobs do.
var databases = testdb.New(testdb.Options{
	Project: "plinthkit", Getenv: os.Getenv,
	Migrations: fstest.MapFS{"jobs.sql": {Data: []byte(effects)}},
	Migrate: func(ctx context.Context, databaseURL string) error {
		pool, err := pgxpool.New(ctx, databaseURL)
		if err != nil {
			return err
		}
		defer pool.Close()
		migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
		if err != nil {
			return err
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return err
		}
		_, err = pool.Exec(ctx, effects)
		return err
	},
})

const effects = "CREATE TABLE effects (n int NOT NULL)"

// count is a job that adds a row to effects.
type count struct {
	N int `json:"n"`
}

func (count) Kind() string { return "count" }

// countOnce is a count that may be enqueued twice.
type countOnce struct {
	N int `json:"n"`
}

func (countOnce) Kind() string { return "count_once" }
func (countOnce) Unique()      {}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, databaseURL string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(databaseURL)
	must(t, err)
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// enqueue enqueues jobs in one transaction, which fails with outcome.
func enqueue(ctx context.Context, t testing.TB, pool *pgxpool.Pool, outcome error, all ...jobs.Job) error {
	t.Helper()
	queue, err := jobs.NewQueue()
	must(t, err)
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for _, job := range all {
			if err := queue.Enqueue(ctx, tx, job); err != nil {
				return err
			}
		}
		return outcome
	})
}

// counting returns a handler that adds rows to effects.
func counting(pool *pgxpool.Pool) jobs.Handler {
	return jobs.Handle(func(ctx context.Context, job count) error {
		_, err := pool.Exec(ctx, "INSERT INTO effects VALUES ($1)", job.N)
		return err
	})
}

// run runs workers until begin is called, and wait has returned. The end of the test does both, too.
func run(
	t testing.TB, pool *pgxpool.Pool, options jobs.Options, handlers ...jobs.Handler,
) (begin func(), wait func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	stopped := make(chan error, 1)
	go func() { stopped <- jobs.NewWorkers(pool, handlers, options).Run(ctx) }()
	wait = sync.OnceValue(func() error {
		cancel()
		return <-stopped
	})
	t.Cleanup(func() { must(t, wait()) })
	return cancel, wait
}

// outcomes counts attempts.
type outcomes struct {
	mu    sync.Mutex
	count map[jobs.Outcome]int
}

func (o *outcomes) add(attempt jobs.Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count == nil {
		o.count = make(map[jobs.Outcome]int)
	}
	o.count[attempt.Outcome]++
}

func (o *outcomes) of(outcome jobs.Outcome) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.count[outcome]
}
