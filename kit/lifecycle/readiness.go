package lifecycle

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Database is what readiness depends on.
type Database interface {
	// Ping reports an error while the database does not answer.
	Ping(ctx context.Context) error
	// CheckSchema reports an error if the schema does not fit the program.
	CheckSchema(ctx context.Context) error
	// RefusesWrites reports whether the database is read-only.
	RefusesWrites(ctx context.Context) (bool, error)
}

// Outage returns the cause, for the log, of an error of a [Database] that is an outage, and nil for
// any other error. An outage may end by itself.
type Outage func(err error) error

// NotReadyError is why a service should get no requests.
type NotReadyError struct {
	Reason string // a sentence that shows no detail of the cause
	Err    error  // the cause, if there is one
}

// Error implements error.
func (e *NotReadyError) Error() string { return "not ready: " + e.Reason }

// Unwrap returns the cause.
func (e *NotReadyError) Unwrap() error { return e.Err }

// Readiness reports whether a service should get requests.
type Readiness struct {
	database Database
	outage   Outage
	logger   *slog.Logger
	started  atomic.Bool // the database has answered once, and its schema fits
	readOnly atomic.Bool // at the last check
	draining atomic.Bool
	stopping chan struct{}
}

// NewReadiness returns the readiness of a service that has not started.
func NewReadiness(database Database, outage Outage, logger *slog.Logger) *Readiness {
	return &Readiness{database: database, outage: outage, logger: logger, stopping: make(chan struct{})}
}

const (
	pingTimeout  = 2 * time.Second  // of a check
	awaitTimeout = 60 * time.Second // of an outage at the start
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// Drain makes the service not ready for good. [Serve] calls it.
func (r *Readiness) Drain() { r.draining.Store(true) }

// Stopping returns a channel that [Serve] closes before it waits for requests in flight. Streams
// must end then.
func (r *Readiness) Stopping() <-chan struct{} { return r.stopping }

// Check asks the database and returns what does not work, if anything. It fails with a
// [*NotReadyError].
func (r *Readiness) Check(ctx context.Context) (degraded []string, err error) {
	switch {
	case r.draining.Load():
		return nil, &NotReadyError{Reason: "the service is shutting down."}
	case !r.started.Load():
		return nil, &NotReadyError{Reason: "the database has not answered yet."}
	}
	bounded, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	readOnly, err := r.database.RefusesWrites(bounded)
	if err != nil {
		return nil, &NotReadyError{Reason: "the database does not answer.", Err: err}
	}
	if r.readOnly.Swap(readOnly) != readOnly {
		r.logger.WarnContext(ctx, "the database changed what it takes", slog.Bool("refuses_writes", readOnly))
	}
	if readOnly {
		return []string{"writes"}, nil
	}
	return nil, nil
}

// Await returns nil once the database answers and its schema fits, or once ctx ends. It fails if an
// outage lasts for a minute, and at once on any other error, such as a schema that is too old.
func (r *Readiness) Await(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, awaitTimeout)
	defer cancel()
	for wait := firstBackoff; ; wait = min(2*wait, maxBackoff) {
		err := r.database.Ping(limited)
		if err == nil {
			err = r.database.CheckSchema(limited)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			r.started.Store(true)
			r.logger.InfoContext(ctx, "ready")
			return nil
		}
		cause := r.outage(err)
		switch {
		case cause == nil:
			return err
		case limited.Err() != nil:
			return fmt.Errorf("the database did not answer within %s: %w", awaitTimeout, cause)
		}
		r.logger.WarnContext(ctx, "waiting for the database", slog.Any("error", cause))
		select {
		case <-limited.Done():
		case <-time.After(wait):
		}
	}
}
