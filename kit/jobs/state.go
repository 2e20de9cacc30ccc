package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/rivertype"
)

// State is the state of a queue.
type State struct {
	Age    time.Duration // of the oldest job that could run
	Failed int           // jobs that are kept after their last failure
}

// ReadState returns the state of the queue.
func ReadState(ctx context.Context, pool *pgxpool.Pool) (state State, err error) {
	// Both read an index. Jobs of Enqueue have one queue and one priority, so the oldest is first.
	const query = `SELECT
		coalesce((SELECT extract(epoch FROM now() - scheduled_at)::float8 FROM river_job
			WHERE state = 'available' AND queue = 'default' AND priority = 1 AND scheduled_at <= now()
			ORDER BY scheduled_at LIMIT 1), 0),
		(SELECT count(*) FROM river_job WHERE state = 'discarded' AND finalized_at IS NOT NULL)`
	var seconds float64
	if err := pool.QueryRow(ctx, query).Scan(&seconds, &state.Failed); err != nil {
		return State{}, fmt.Errorf("reading the state of the queue: %w", err)
	}
	state.Age = time.Duration(seconds * float64(time.Second))
	return state, nil
}

// RunWaiting runs the jobs that wait, one after the other in the order in which they were enqueued,
// until none is left, and returns how many ran. A job that waits for another attempt runs now, once.
// It is for tests, in place of Run.
func (w *Workers) RunWaiting(ctx context.Context) (ran int, err error) {
	var last int64
	for {
		err := pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) (err error) {
			last, err = w.runNext(ctx, tx, last)
			return err
		})
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ran, nil
		case err != nil:
			return ran, fmt.Errorf("running jobs: %w", err)
		}
		ran++
	}
}

// runNext runs the job after another one and returns its id. It fails with [pgx.ErrNoRows].
func (w *Workers) runNext(ctx context.Context, tx pgx.Tx, after int64) (id int64, err error) {
	const next = `SELECT id, kind, args, metadata, attempt + 1, max_attempts FROM river_job
		WHERE state IN ('available', 'retryable', 'scheduled') AND id > $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`
	job := &rivertype.JobRow{}
	err = tx.QueryRow(ctx, next, after).
		Scan(&job.ID, &job.Kind, &job.EncodedArgs, &job.Metadata, &job.Attempt, &job.MaxAttempts)
	if err != nil {
		return 0, err
	}
	failure := w.attempt(ctx, job, func(ctx context.Context) error {
		for _, handler := range w.handlers {
			if handler.kind == job.Kind {
				return handler.run(ctx, job.EncodedArgs)
			}
		}
		return errors.New("no handler is registered for " + job.Kind)
	})
	if failure == nil {
		_, err = tx.Exec(ctx, `UPDATE river_job SET state = 'completed', attempt = attempt + 1, attempted_at = now(),
			finalized_at = now() WHERE id = $1`, job.ID)
		return job.ID, err
	}
	state := rivertype.JobStateRetryable
	if _, rejected := errors.AsType[*rivertype.JobCancelError](failure); rejected {
		state = rivertype.JobStateCancelled
	} else if job.Attempt >= job.MaxAttempts {
		state = rivertype.JobStateDiscarded
	}
	detail, err := json.Marshal(rivertype.AttemptError{At: time.Now(), Attempt: job.Attempt, Error: failure.Error()})
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE river_job SET attempt = attempt + 1, attempted_at = now(),
		errors = array_append(errors, $2::jsonb), state = $3::text::river_job_state,
		finalized_at = CASE WHEN $3::text = 'retryable' THEN NULL ELSE now() END
		WHERE id = $1`, job.ID, detail, string(state))
	return job.ID, err
}
