package domain

import "context"

// Job is work that runs after the transaction that enqueued it has committed, at least once. Its
// exported fields are stored as JSON, so they must hold no secrets.
type Job interface {
	// Kind names the type of the job. Workers find its handler by it, so it must not change while
	// jobs wait.
	Kind() string
}

// UniqueJob is a Job whose fields identify one occurrence, such as a token by its id. Enqueueing an
// equal job again does nothing while the first waits or runs, and for a day after it has run.
type UniqueJob interface {
	Job
	Unique()
}

// JobStore enqueues jobs.
type JobStore interface {
	// EnqueueJob adds a job to the transaction: it runs if and only if the transaction commits. It
	// fails outside of InTx.
	EnqueueJob(ctx context.Context, job Job) error
}
