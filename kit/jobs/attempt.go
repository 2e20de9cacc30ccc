package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Outcome is how an attempt at a job ended.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"
	Retried     Outcome = "retried"     // failed, and runs again later
	Failed      Outcome = "failed"      // failed for the last time
	Rejected    Outcome = "rejected"    // failed, and would fail again: see Options.IsPermanent
	Interrupted Outcome = "interrupted" // by the stop of the process; runs again
)

// Outcomes returns all outcomes.
func Outcomes() []Outcome { return []Outcome{Done, Retried, Failed, Rejected, Interrupted} }

// Attempt describes an attempt at a job that has ended.
type Attempt struct {
	Kind    string
	Outcome Outcome
	Took    time.Duration
}

// attempt runs a job once: in the trace of the request that enqueued it, with a log line, a report
// and an outcome. It returns panics as errors.
func (w *Workers) attempt(ctx context.Context, job *rivertype.JobRow, run func(context.Context) error) error {
	w.running.Add(1)
	defer w.running.Add(-1)
	ctx, end := w.startSpan(ctx, job)
	started := time.Now()
	err := w.recoverPanic(ctx, job, run)
	outcome := w.outcomeOf(ctx, job, err)
	took := time.Since(started)
	w.log(ctx, job, outcome, took, err)
	end(outcome)
	if w.options.OnAttempt != nil {
		w.options.OnAttempt(Attempt{Kind: job.Kind, Outcome: outcome, Took: took})
	}
	if outcome == Rejected {
		return river.JobCancel(err)
	}
	return err
}

func (w *Workers) outcomeOf(ctx context.Context, job *rivertype.JobRow, err error) Outcome {
	switch {
	case err == nil:
		return Done
	case ctx.Err() != nil && errors.Is(err, context.Canceled): // as River decides
		return Interrupted
	case w.options.IsPermanent != nil && w.options.IsPermanent(err):
		return Rejected
	case job.Attempt >= job.MaxAttempts:
		return Failed
	default:
		return Retried
	}
}

func (w *Workers) recoverPanic(
	ctx context.Context, job *rivertype.JobRow, run func(context.Context) error,
) (err error) {
	defer func() {
		recovered := recover()
		if recovered == nil {
			return
		}
		stack := make([]uintptr, 64)
		stack = stack[:runtime.Callers(1, stack)]
		err = fmt.Errorf("panic: %v", recovered)
		if w.options.Reporter != nil {
			w.options.Reporter.CapturePanic(ctx, recovered, stack, attributes(job)...)
		}
	}()
	return explain(run(ctx))
}

// startSpan continues the trace of the request that enqueued the job.
func (w *Workers) startSpan(ctx context.Context, job *rivertype.JobRow) (context.Context, func(Outcome)) {
	ctx = inTrace(ctx, job.Metadata)
	if w.tracer == nil {
		return ctx, func(Outcome) {}
	}
	ctx, span := w.tracer.Start(ctx, "job "+job.Kind, trace.WithSpanKind(trace.SpanKindConsumer))
	return ctx, func(outcome Outcome) {
		if outcome != Done && outcome != Interrupted {
			span.SetStatus(codes.Error, string(outcome))
		}
		span.End()
	}
}

func attributes(job *rivertype.JobRow) []slog.Attr {
	return []slog.Attr{
		slog.String("kind", job.Kind), slog.Int64("job_id", job.ID), slog.Int("attempt", job.Attempt),
	}
}

func (w *Workers) log(ctx context.Context, job *rivertype.JobRow, outcome Outcome, took time.Duration, err error) {
	attrs := append(attributes(job), slog.Float64("duration_ms", float64(took.Microseconds())/1000))
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	level, message := slog.LevelDebug, "job done"
	switch outcome {
	case Done:
	case Interrupted:
		level, message = slog.LevelInfo, "job interrupted, it runs again"
	case Rejected:
		level, message = slog.LevelWarn, "job rejected, it does not run again"
	case Retried:
		level, message = slog.LevelWarn, "job failed, it runs again"
	case Failed:
		level, message = slog.LevelError, "job failed for the last time, it is kept"
		if w.options.Reporter != nil {
			w.options.Reporter.Capture(ctx, err, attributes(job)...)
		}
	}
	w.logger.LogAttrs(ctx, level, message, attrs...) //nolint:sloglint // one of the constants above
}

// explained adds the innermost cause to the text of an error that hides it.
type explained struct {
	err   error
	cause string
}

func (e *explained) Error() string { return e.err.Error() + ": " + e.cause }
func (e *explained) Unwrap() error { return e.err }

func explain(err error) error {
	if err == nil {
		return nil
	}
	innermost := err
	for next := errors.Unwrap(innermost); next != nil; next = errors.Unwrap(innermost) {
		innermost = next
	}
	if cause := innermost.Error(); !strings.Contains(err.Error(), cause) {
		return &explained{err: err, cause: cause}
	}
	return err
}
