package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/plinth/kit/jobs"
	"example.com/plinth/kit/testdb"
)

var errBroken = errors.New("broken")

func TestRolledBackTransactionLeavesNoJob(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	if err := enqueue(t.Context(), t, pool, errBroken, count{1}); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	ran, err := jobs.NewWorkers(pool, []jobs.Handler{counting(pool)}, jobs.Options{}).RunWaiting(t.Context())
	if n := testdb.Value[int](t, databaseURL, "SELECT count(*) FROM river_job"); err != nil || ran != 0 || n != 0 {
		t.Errorf("%d jobs are left, %d ran, %v", n, ran, err)
	}
}

// Servers share one queue: each job runs once, with notifications and without.
func TestTwoServersRunEachJobOnce(t *testing.T) {
	t.Parallel()
	for name, pollOnly := range map[string]bool{"notified": false, "polling": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.URL(t)
			var done outcomes
			stops := make([]func() error, 2)
			for i := range stops {
				pool := open(t, databaseURL)
				_, stops[i] = run(t, pool, jobs.Options{PollOnly: pollOnly, OnAttempt: done.add}, counting(pool))
			}
			const n = 200
			all := make([]jobs.Job, n)
			for i := range all {
				all[i] = count{i}
			}
			must(t, enqueue(t.Context(), t, open(t, databaseURL), nil, all...))
			testdb.Await(t, databaseURL, "SELECT count(*) = $1 FROM river_job WHERE state = 'completed'", n)
			if rows, different := testdb.Value[int](t, databaseURL, "SELECT count(*) FROM effects"),
				testdb.Value[int](t, databaseURL, "SELECT count(DISTINCT n) FROM effects"); rows != n || different != n {
				t.Errorf("%d jobs ran %d times", different, rows)
			}
			for _, stop := range stops {
				must(t, stop())
			}
			if got := done.of(jobs.Done); got != n {
				t.Errorf("%d attempts are counted as done, want %d", got, n)
			}
		})
	}
}

// The last failure of a job keeps it, is counted, logged and reported; panics are failures, too.
func TestFailuresAreRetriedAndKept(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	var log strings.Builder
	var got outcomes
	reports := &reports{}
	workers := jobs.NewWorkers(pool, []jobs.Handler{
		jobs.Handle(func(_ context.Context, job count) error {
			if job.N == 2 {
				panic("at the disco")
			}
			return fmt.Errorf("%w", hidden{errBroken})
		}),
		jobs.Handle(func(context.Context, countOnce) error { return errRejected }),
	}, jobs.Options{
		Logger: slog.New(slog.NewTextHandler(&log, nil)), OnAttempt: got.add, Reporter: reports,
		IsPermanent: func(err error) bool { return errors.Is(err, errRejected) },
	})
	must(t, enqueue(t.Context(), t, pool, nil, count{1}, count{2}, countOnce{3}))
	const attempts = 14
	for i := range attempts {
		ran, err := workers.RunWaiting(t.Context())
		must(t, err)
		if want := 2; i > 0 && ran != want {
			t.Fatalf("round %d runs %d jobs, want %d", i, ran, want)
		}
		if kept := testdb.Value[int](t, databaseURL, "SELECT count(*) FROM river_job"); kept != 3 {
			t.Fatalf("%d jobs are kept, want 3", kept)
		}
	}
	if ran, err := workers.RunWaiting(t.Context()); err != nil || ran != 0 {
		t.Errorf("after the last attempt %d jobs ran again, %v", ran, err)
	}
	for outcome, want := range map[jobs.Outcome]int{
		jobs.Retried: 26, jobs.Failed: 2, jobs.Rejected: 1, jobs.Done: 0, jobs.Interrupted: 0,
	} {
		if n := got.of(outcome); n != want {
			t.Errorf("%d attempts are %s, want %d", n, outcome, want)
		}
	}
	if reports.errors.Load() != 2 || reports.panics.Load() != attempts {
		t.Errorf("%d errors and %d panics are reported", reports.errors.Load(), reports.panics.Load())
	}
	for _, text := range []string{
		"job failed, it runs again", "job failed for the last time, it is kept", "job rejected, it does not run again",
		"try again: broken", "panic: at the disco",
	} {
		if !strings.Contains(log.String(), text) {
			t.Errorf("the log lacks %q", text)
		}
	}
	state, err := jobs.ReadState(t.Context(), pool)
	if err != nil || state.Failed != 2 || state.Age != 0 {
		t.Errorf("the state is %+v, %v", state, err)
	}
	const errorsOfFirst = "SELECT cardinality(errors) FROM river_job WHERE args ->> 'n' = '1'"
	if n := testdb.Value[int](t, databaseURL, errorsOfFirst); n != attempts {
		t.Errorf("%d errors are kept, want %d", n, attempts)
	}
}

// hidden hides its cause from its text, as errors that clients see do.
type hidden struct{ error }

func (hidden) Error() string   { return "try again" }
func (h hidden) Unwrap() error { return h.error }

var errRejected = errors.New("rejected")

type reports struct{ errors, panics atomic.Int32 }

func (r *reports) Capture(context.Context, error, ...slog.Attr)               { r.errors.Add(1) }
func (r *reports) CapturePanic(context.Context, any, []uintptr, ...slog.Attr) { r.panics.Add(1) }

func TestAgeOfTheQueue(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	must(t, enqueue(t.Context(), t, pool, nil, count{1}, count{2}))
	testdb.Exec(t, databaseURL,
		"UPDATE river_job SET scheduled_at = now() - interval '1 hour' WHERE args ->> 'n' = '2'")
	state, err := jobs.ReadState(t.Context(), pool)
	if err != nil || state.Age < time.Hour || state.Age > time.Hour+time.Minute {
		t.Errorf("the state is %+v, %v", state, err)
	}
}

// The engine retries: the first failure is followed by another attempt about a second later.
func TestRunRetriesAFailure(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	var attempts atomic.Int32
	var got outcomes
	run(t, pool, jobs.Options{OnAttempt: got.add}, jobs.Handle(func(context.Context, count) error {
		if attempts.Add(1) == 1 {
			return errBroken
		}
		return nil
	}))
	must(t, enqueue(t.Context(), t, pool, nil, count{1}))
	testdb.Await(t, databaseURL, "SELECT count(*) = 1 FROM river_job WHERE state = 'completed' AND attempt = 2")
	if got.of(jobs.Retried) != 1 || got.of(jobs.Done) != 1 {
		t.Errorf("outcomes %v", got.count)
	}
}

func TestUniqueJobs(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	for range 2 {
		must(t, enqueue(t.Context(), t, pool, nil, countOnce{1}, countOnce{1}, countOnce{2}))
		_, err := jobs.NewWorkers(pool, []jobs.Handler{
			jobs.Handle(func(context.Context, countOnce) error { return nil }),
		}, jobs.Options{}).RunWaiting(t.Context())
		must(t, err)
	}
	if n := testdb.Value[int](t, databaseURL, "SELECT count(*) FROM river_job"); n != 2 {
		t.Errorf("%d jobs were enqueued, want 2", n)
	}
}

// A job that runs at the stop finishes, or is canceled and runs again; no attempt is used up.
func TestStop(t *testing.T) {
	t.Parallel()
	for name, quick := range map[string]bool{"finishes": true, "is handed back": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := databases.URL(t)
			pool := open(t, databaseURL)
			started, release := make(chan struct{}), make(chan struct{})
			var got outcomes
			options := jobs.Options{StopTimeout: 200 * time.Millisecond, OnAttempt: got.add}
			if quick {
				options.StopTimeout = time.Minute
			}
			begin, wait := run(t, pool, options, jobs.Handle(func(ctx context.Context, _ count) error {
				close(started)
				select {
				case <-release:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}))
			must(t, enqueue(t.Context(), t, pool, nil, count{1}))
			<-started
			begin()
			if quick {
				close(release)
			}
			must(t, wait())
			want, outcome := "available 0", jobs.Interrupted
			if quick {
				want, outcome = "completed 1", jobs.Done
			}
			if state := testdb.Value[string](t, databaseURL, "SELECT state || ' ' || attempt FROM river_job"); state != want {
				t.Errorf("the job is %s, want %s", state, want)
			}
			if got.of(outcome) != 1 {
				t.Errorf("outcomes %v, want one %s", got.count, outcome)
			}
		})
	}
}

// Jobs of a kind without a handler wait for a release that has one.
func TestUnknownKindsWait(t *testing.T) {
	t.Parallel()
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	run(t, pool, jobs.Options{}, counting(pool))
	must(t, enqueue(t.Context(), t, pool, nil, countOnce{1}, count{1}))
	testdb.Await(t, databaseURL, "SELECT count(*) = 1 FROM river_job WHERE state = 'completed'")
	const unknown = "SELECT state || ' ' || attempt FROM river_job WHERE kind = 'count_once'"
	if state := testdb.Value[string](t, databaseURL, unknown); state != "available 0" {
		t.Errorf("the job is %s", state)
	}
}

func TestHandlersOfOneKind(t *testing.T) {
	t.Parallel()
	pool := open(t, databases.URL(t))
	err := jobs.NewWorkers(pool, []jobs.Handler{counting(pool), counting(pool)}, jobs.Options{}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "count") {
		t.Errorf("got %v", err)
	}
}

// An attempt is in the trace of the request that enqueued the job, and recorded if that is.
func TestAttemptsContinueTheTrace(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(recorder))
	databaseURL := databases.URL(t)
	pool := open(t, databaseURL)
	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	must(t, enqueue(ctx, t, pool, nil, count{1}))
	request.End()
	workers := jobs.NewWorkers(pool, []jobs.Handler{counting(pool)}, jobs.Options{Tracing: provider})
	_, err := workers.RunWaiting(t.Context())
	must(t, err)
	spans := recorder.Ended()
	if len(spans) != 2 || spans[1].Name() != "job count" || spans[1].Parent().SpanID() != spans[0].SpanContext().SpanID() ||
		spans[1].SpanContext().TraceID() != spans[0].SpanContext().TraceID() {
		t.Errorf("got spans %v", spans)
	}
}
