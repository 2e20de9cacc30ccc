package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"go.opentelemetry.io/otel/propagation"
)

// Job is work to be done. Its exported fields are stored as JSON, so they must hold no secrets.
type Job interface {
	// Kind names the type of the job: letters, digits and _. Workers find its handler by it.
	Kind() string
}

// Unique is a Job whose fields identify one occurrence, such as a message by its id. Enqueueing an
// equal job again does nothing while the first waits or runs, and for a day after it has run.
type Unique interface {
	Job
	Unique()
}

// maxAttempts is the number of attempts in a day: the pause after attempt n is n⁴ seconds.
const maxAttempts = 14

// Queue enqueues jobs.
type Queue struct {
	client *river.Client[pgx.Tx]
}

// NewQueue returns a queue.
func NewQueue() (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{
		MaxAttempts: maxAttempts, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, fmt.Errorf("opening the job queue: %w", err)
	}
	return &Queue{client: client}, nil
}

// Enqueue adds a job to a transaction. The job runs if and only if the transaction commits.
func (q *Queue) Enqueue(ctx context.Context, tx pgx.Tx, job Job) error {
	metadata, err := json.Marshal(carrierOf(ctx))
	if err != nil {
		return fmt.Errorf("enqueueing %s: %w", job.Kind(), err)
	}
	_, isUnique := job.(Unique)
	_, err = q.client.InsertTx(ctx, tx, job, &river.InsertOpts{
		Metadata: metadata, UniqueOpts: river.UniqueOpts{ByArgs: isUnique},
	})
	if err != nil {
		return fmt.Errorf("enqueueing %s: %w", job.Kind(), err)
	}
	return nil
}

// carrierOf returns the trace context of ctx in the format of W3C; it is empty without one.
func carrierOf(ctx context.Context) propagation.MapCarrier {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier
}
