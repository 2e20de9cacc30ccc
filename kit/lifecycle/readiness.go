package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"example.com/plinth/internal/domain"
)

// database is what readiness asks.
type database interface {
	Ping(ctx context.Context) error
	CheckSchema(ctx context.Context) error
	RefusesWrites(ctx context.Context) (bool, error)
}

// readiness knows whether the service should get traffic.
type readiness struct {
	database database
	logger   *slog.Logger
	started  atomic.Bool // the database has answered once, with a schema that fits
	readOnly atomic.Bool // the last time it was asked
	draining atomic.Bool
	stopping chan struct{} // closed when requests in flight are waited for
}

func newReadiness(database database, logger *slog.Logger) *readiness {
	return &readiness{database: database, logger: logger, stopping: make(chan struct{})}
}

const (
	// pingTimeout is what a health check waits for the database.
	pingTimeout = 2 * time.Second
	// awaitLimit is how long the database may be out of reach at the start.
	awaitLimit   = 60 * time.Second
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// drain makes the service not ready, for good.
func (r *readiness) drain() { r.draining.Store(true) }

// check names what does not work, if anything, or fails with a not_ready error that says what is missing.
func (r *readiness) check(ctx context.Context) (degraded []string, err error) {
	switch {
	case r.draining.Load():
		return nil, notReady("the service is shutting down.", nil)
	case !r.started.Load():
		return nil, notReady("the database has not answered yet.", nil)
	}
	bounded, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	readOnly, err := r.database.RefusesWrites(bounded)
	if err != nil {
		return nil, notReady("the database does not answer.", err)
	}
	if r.readOnly.Swap(readOnly) != readOnly {
		r.logger.WarnContext(ctx, "the database changed what it takes", slog.Bool("refuses_writes", readOnly))
	}
	if readOnly {
		return []string{"writes"}, nil
	}
	return nil, nil
}

func notReady(why string, cause error) error {
	failure := &domain.Error{Code: domain.CodeNotReady, Message: "Not ready: " + why}
	return failure.Because(cause)
}

// await returns once the database answers and its schema fits, or ctx ends. It fails when the database stays out of reach
// for a minute, or when its schema is older than this program needs.
func (r *readiness) await(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, awaitLimit)
	defer cancel()
	for wait := firstBackoff; ; wait = min(2*wait, maxBackoff) {
		err := r.database.Ping(limited)
		if err == nil {
			err = r.database.CheckSchema(limited)
		}
		switch {
		case ctx.Err() != nil:
			return nil // told to stop
		case err == nil:
			r.started.Store(true)
			r.logger.InfoContext(ctx, "ready")
			return nil
		case !errors.Is(err, domain.ErrUnavailable):
			return err
		case limited.Err() != nil:
			return fmt.Errorf("the database did not answer within %s: %w", awaitLimit, cause(err))
		}
		r.logger.WarnContext(ctx, "waiting for the database", slog.Any("error", cause(err)))
		select {
		case <-limited.Done():
		case <-time.After(wait):
		}
	}
}

// cause returns what the driver said, which operators want to know and callers must not.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
