package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/riverqueue/river"
)

// Handler runs the jobs of one kind.
type Handler struct {
	kind     string
	register func(*river.Workers) error
	run      func(ctx context.Context, args []byte) error
}

// Handle returns a handler that calls run for each job of the type T. A job may run more than once:
// run must read the current state and act on that. If run returns an error, the job runs again
// later. ctx ends after a minute, and when the process stops.
func Handle[T Job](run func(ctx context.Context, job T) error) Handler {
	var zero T
	return Handler{
		kind: zero.Kind(),
		register: func(workers *river.Workers) error {
			return river.AddWorkerSafely(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[T]) error {
				return run(ctx, job.Args)
			}))
		},
		run: func(ctx context.Context, args []byte) error {
			var job T
			if err := json.Unmarshal(args, &job); err != nil {
				return fmt.Errorf("decoding the job: %w", err)
			}
			return run(ctx, job)
		},
	}
}

// Kind returns the kind of the jobs.
func (h Handler) Kind() string { return h.kind }

// Kinds returns the kinds of handlers.
func Kinds(handlers []Handler) []string {
	kinds := make([]string, len(handlers))
	for i, handler := range handlers {
		kinds[i] = handler.kind
	}
	return kinds
}
