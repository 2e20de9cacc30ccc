package pgstore

import (
	"context"
	"errors"

	"example.com/plinth/internal/domain"
)

func (s *Store) EnqueueJob(ctx context.Context, job domain.Job) error {
	if s.tx == nil {
		return errors.New("enqueueing a job outside of InTx")
	}
	return translate(s.jobs.Enqueue(ctx, s.tx, job), nil)
}
