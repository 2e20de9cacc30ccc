package app

import (
	"context"
	"errors"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/jobs"
	"example.com/plinth/kit/telemetry"
)

// JobHandlers returns what runs the jobs, one line a kind. docs/jobs.md is the recipe.
func JobHandlers(services domain.Services) []jobs.Handler {
	return []jobs.Handler{
		jobs.Handle(services.Mails.SendLink),
		jobs.Handle(services.Mails.SendPasswordReset),
		jobs.Handle(services.Mails.SendNotice),
		jobs.Handle(services.Invitations.SendInvitation), // scaffold:only invitations
	}
}

// NewWorkers returns workers for the jobs in a store.
func (a *App) NewWorkers(store *pgstore.Store) *jobs.Workers {
	return store.NewWorkers(a.jobs, jobs.Options{
		PollOnly:    a.cfg.DatabasePooler == config.PoolerTransaction,
		StopTimeout: a.cfg.ShutdownDelay,
		Logger:      a.logger(),
		Reporter:    a.telemetry.Sentry,
		Tracing:     a.telemetry.Tracing.Provider(),
		OnAttempt:   a.onAttempt,
		IsPermanent: func(err error) bool { return errors.Is(err, domain.ErrMailRejected) },
	})
}

// countAttempts returns a function that counts attempts at jobs, nil without metrics.
func countAttempts(metrics *telemetry.Metrics, handlers []jobs.Handler) func(jobs.Attempt) {
	if metrics == nil {
		return nil
	}
	count := telemetry.Jobs(metrics, jobs.Kinds(handlers), jobs.Outcomes())
	return func(attempt jobs.Attempt) { count(attempt.Kind, attempt.Outcome, attempt.Took) }
}

// watchJobs registers the metrics of the queue.
func watchJobs(metrics *telemetry.Metrics, store *pgstore.Store) {
	const timeout = 2 * time.Second // of a scrape
	metrics.WatchJobs(func() (telemetry.JobStats, error) {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		state, err := store.JobState(ctx)
		return telemetry.JobStats(state), err
	})
}
