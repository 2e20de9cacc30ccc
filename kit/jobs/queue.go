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
	"go.opentelemetry.io/otel/trace"
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
	stored, err := json.Marshal(metadataOf(ctx))
	if err != nil {
		return fmt.Errorf("enqueueing %s: %w", job.Kind(), err)
	}
	_, isUnique := job.(Unique)
	_, err = q.client.InsertTx(ctx, tx, job, &river.InsertOpts{
		Metadata: stored, UniqueOpts: river.UniqueOpts{ByArgs: isUnique},
	})
	if err != nil {
		return fmt.Errorf("enqueueing %s: %w", job.Kind(), err)
	}
	return nil
}

// metadata is stored with each job: the trace context of the request, in the format of W3C.
type metadata struct {
	TraceParent string `json:"traceparent,omitempty"`
	TraceState  string `json:"tracestate,omitempty"`
}

func metadataOf(ctx context.Context) metadata {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return metadata{TraceParent: carrier.Get("traceparent"), TraceState: carrier.Get("tracestate")}
}

// inTrace returns ctx in the trace of the stored metadata, unless they have none. What runs in it is
// recorded if the request is: its span is not remote, so it may decide.
func inTrace(ctx context.Context, stored []byte) context.Context {
	var m metadata
	if json.Unmarshal(stored, &m) != nil || m.TraceParent == "" {
		return ctx
	}
	carrier := propagation.MapCarrier{"traceparent": m.TraceParent, "tracestate": m.TraceState}
	enqueued := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
	return trace.ContextWithSpanContext(ctx, enqueued.WithRemote(false))
}
