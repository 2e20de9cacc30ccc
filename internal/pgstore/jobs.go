package pgstore

import (
	"context"
	"errors"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/jobs"
)

func (s *Store) EnqueueJob(ctx context.Context, job domain.Job) error {
	if s.tx == nil {
		return errors.New("enqueueing a job outside of InTx")
	}
	return translate(s.jobs.Enqueue(ctx, s.tx, job), nil)
}

// NewWorkers returns workers for the jobs of this store.
func (s *Store) NewWorkers(handlers []jobs.Handler, options jobs.Options) *jobs.Workers {
	return jobs.NewWorkers(s.pool.Pool, handlers, options)
}

// JobState is [jobs.ReadState]. It fails with domain.ErrUnavailable.
func (s *Store) JobState(ctx context.Context) (jobs.State, error) {
	state, err := jobs.ReadState(ctx, s.pool.Pool)
	return state, translate(err, nil)
}
