// Package jobs runs work after the transaction that enqueued it has committed, at least once. The
// queue is a table of PostgreSQL; River (riverqueue.com) is the engine. This package adds typed
// handlers, the trace of the request that enqueued a job, log lines, and outcomes to count.
//
// It must not know the jobs of the application, nor its tables. The application creates the tables
// of River with its own migrations.
package jobs
