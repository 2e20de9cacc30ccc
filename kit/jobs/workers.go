package jobs

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/trace"
)

const (
	concurrency  = 4
	timeout      = time.Minute      // of an attempt
	rescueAfter  = 90 * time.Second // an attempt whose process died
	keptFailed   = 90 * 24 * time.Hour
	keptDone     = 24 * time.Hour
	pollInterval = time.Second     // without notifications
	slowPoll     = 5 * time.Second // for those that were missed
	stopTimeout  = time.Second
	stopGrace    = 5 * time.Second // for attempts that were canceled
)

// minConns is the least size of a pool for notifications: they take one connection for good.
const minConns = 4

// Options change how jobs run; the zero value works.
type Options struct {
	// Concurrency is how many jobs run at once in this process; 0 means 4.
	Concurrency int
	// PollOnly asks for new jobs every second. Otherwise PostgreSQL notifies this process, on a
	// connection of its own, which poolers of transactions do not support.
	PollOnly bool
	// StopTimeout is how long running jobs may take to finish after the stop. Then they are
	// canceled, and run again elsewhere. 0 means a second.
	StopTimeout time.Duration
	// Logger gets a line for each attempt; nil discards them.
	Logger *slog.Logger
	// Reporter gets panics and the last failure of each job, unless it is nil.
	Reporter Reporter
	// Tracing gets a span for each attempt of a recorded request, unless it is nil.
	Tracing trace.TracerProvider
	// IsPermanent reports whether a job that failed would fail again, so that it does not run again.
	// Nil means never.
	IsPermanent func(error) bool
	// OnAttempt is called after each attempt, unless it is nil.
	OnAttempt func(Attempt)
}

// Reporter reports errors to a service that collects them.
type Reporter interface {
	Capture(ctx context.Context, err error, attrs ...slog.Attr)
	CapturePanic(ctx context.Context, recovered any, stack []uintptr, attrs ...slog.Attr)
}

// Workers run jobs.
type Workers struct {
	pool     *pgxpool.Pool
	handlers []Handler
	options  Options
	logger   *slog.Logger
	tracer   trace.Tracer // nil if tracing is off
	running  atomic.Int64 // attempts
}

// NewWorkers returns workers, which do nothing yet.
func NewWorkers(pool *pgxpool.Pool, handlers []Handler, options Options) *Workers {
	w := &Workers{pool: pool, handlers: handlers, options: options, logger: options.Logger}
	if w.logger == nil {
		w.logger = slog.New(slog.DiscardHandler)
	}
	if options.Tracing != nil {
		w.tracer = options.Tracing.Tracer("example.com/plinth/kit/jobs")
	}
	return w
}

// Run runs jobs until ctx ends. Then it takes no further ones, lets running ones finish for
// Options.StopTimeout, cancels the others, and returns. It fails if two handlers are of one kind,
// and if a job does not return although it was canceled.
func (w *Workers) Run(ctx context.Context) error {
	if len(w.handlers) == 0 {
		<-ctx.Done()
		return nil
	}
	client, err := w.start(ctx)
	if err != nil || client == nil {
		return err
	}
	stopped := client.Stopped()
	<-ctx.Done()
	select {
	case <-stopped:
		return nil
	case <-time.After(cmp.Or(w.options.StopTimeout, stopTimeout) + stopGrace):
		if n := w.running.Load(); n > 0 {
			return fmt.Errorf("%d jobs ignore the end of their context", n)
		}
		return nil // the engine waits for a database that is gone
	}
}

// start starts a client, as soon as the database answers. It returns nil if ctx ends before.
func (w *Workers) start(ctx context.Context) (*river.Client[pgx.Tx], error) {
	config, err := w.config()
	if err != nil {
		return nil, err
	}
	client, err := river.NewClient(riverpgxv5.New(w.pool), config)
	if err != nil {
		return nil, fmt.Errorf("starting the workers: %w", err)
	}
	for {
		err := client.Start(ctx)
		if err == nil {
			return client, nil
		}
		if ctx.Err() != nil {
			return nil, nil //nolint:nilnil,nilerr // see the comment above
		}
		w.logger.WarnContext(ctx, "cannot start the workers, trying again", slog.Any("error", err))
		select {
		case <-ctx.Done():
			return nil, nil //nolint:nilnil // see the comment above
		case <-time.After(pollInterval):
		}
	}
}

func (w *Workers) config() (*river.Config, error) {
	workers := river.NewWorkers()
	for _, handler := range w.handlers {
		if err := handler.register(workers); err != nil {
			return nil, fmt.Errorf("starting the workers: %w", err)
		}
	}
	pollOnly, poll := w.options.PollOnly || w.pool.Config().MaxConns < minConns, slowPoll
	if pollOnly {
		poll = pollInterval
	}
	queue := river.QueueConfig{MaxWorkers: cmp.Or(w.options.Concurrency, concurrency)}
	return &river.Config{
		Queues:     map[string]river.QueueConfig{river.QueueDefault: queue},
		Workers:    workers,
		Middleware: []rivertype.Middleware{river.WorkerMiddlewareFunc(w.attempt)},
		Logger:     slog.New(newEngineLog(w.logger.Handler())),

		FetchOnlyKnownKinds: true, // jobs of a newer release wait for its workers
		FetchPollInterval:   poll,
		PollOnly:            pollOnly,

		MaxAttempts:                 maxAttempts,
		JobTimeout:                  timeout,
		RescueStuckJobsAfter:        rescueAfter,
		SoftStopTimeout:             cmp.Or(w.options.StopTimeout, stopTimeout),
		CompletedJobRetentionPeriod: keptDone,
		CancelledJobRetentionPeriod: keptFailed,
		DiscardedJobRetentionPeriod: keptFailed,
		ReindexerIndexNames:         []string{}, // only the owner of the tables may
	}, nil
}
