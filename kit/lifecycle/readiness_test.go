package lifecycle_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// fakeDatabase is down until a time. The clock of these tests is synctest's, with which no real
// database works.
type fakeDatabase struct {
	until    time.Time
	pings    int
	schema   func(context.Context) error
	readOnly bool
}

var (
	errUnavailable = errors.New("unavailable")
	errRefused     = errors.New("connection refused")
)

// outage is the Outage of these tests.
func outage(err error) error {
	if errors.Is(err, errUnavailable) {
		return errRefused
	}
	return nil
}

func newReadiness(database lifecycle.Database) *lifecycle.Readiness {
	return lifecycle.NewReadiness(database, outage, slog.New(slog.DiscardHandler))
}

func (o *fakeDatabase) Ping(context.Context) error {
	o.pings++
	if time.Now().Before(o.until) {
		return errUnavailable
	}
	return nil
}

func (o *fakeDatabase) RefusesWrites(ctx context.Context) (bool, error) {
	return o.readOnly, o.Ping(ctx)
}

func (o *fakeDatabase) CheckSchema(ctx context.Context) error {
	if o.schema == nil {
		return nil
	}
	return o.schema(ctx)
}

func wantNotReady(t *testing.T, ready *lifecycle.Readiness, why string) {
	t.Helper()
	_, err := ready.Check(t.Context())
	failure, ok := errors.AsType[*lifecycle.NotReadyError](err)
	if !ok || !strings.Contains(failure.Reason, why) {
		t.Errorf("got %v, want not ready because of %q", err, why)
	}
}

func wantReady(t *testing.T, ready *lifecycle.Readiness, degraded ...string) {
	t.Helper()
	if got, err := ready.Check(t.Context()); err != nil || !slices.Equal(got, degraded) {
		t.Errorf("got %q, %v, want ready but for %q", got, err, degraded)
	}
}

func TestReadinessFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		database := &fakeDatabase{}
		ready := newReadiness(database)
		wantNotReady(t, ready, "not answered yet")
		must(t, ready.Await(t.Context()))
		wantReady(t, ready)

		database.until = time.Now().Add(time.Second)
		wantNotReady(t, ready, "does not answer")
		_, err := ready.Check(t.Context())
		if !errors.Is(err, errUnavailable) || strings.Contains(err.Error(), errUnavailable.Error()) {
			t.Errorf("%v: the text shows the cause, which is for the log", err)
		}
		time.Sleep(time.Second) // of the bubble
		wantReady(t, ready)

		database.readOnly = true // degraded, not down
		wantReady(t, ready, "writes")
		database.readOnly = false
		wantReady(t, ready)

		ready.Drain()
		wantNotReady(t, ready, "shutting down")
	})
}

func TestAwaitFailsAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		database := &fakeDatabase{until: begin.Add(time.Hour)}
		err := newReadiness(database).Await(t.Context())
		if !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "1m0s") {
			t.Errorf("got %v, want the timeout and the cause", err)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("it failed after %s", took)
		}
		if database.pings < 12 || database.pings > 30 {
			t.Errorf("%d pings", database.pings)
		}
	})
}

func TestAwaitRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ready := newReadiness(&fakeDatabase{until: begin.Add(30 * time.Second)})
		must(t, ready.Await(t.Context()))
		if late := time.Since(begin) - 30*time.Second; late > 5*time.Second {
			t.Errorf("ready %s late", late)
		}
		wantReady(t, ready)
	})
}

// The exit status must not depend on what a stop interrupts.
func TestAwaitStopsWithoutError(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func() *fakeDatabase{
		"while the database is down": func() *fakeDatabase { return &fakeDatabase{until: time.Now().Add(time.Hour)} },
		"while the schema is checked": func() *fakeDatabase {
			return &fakeDatabase{schema: func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 { // select chooses at random between channels that are ready
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(10*time.Second, cancel)
					begin := time.Now()
					ready := newReadiness(database())
					if err := ready.Await(ctx); err != nil {
						t.Fatalf("a stop is no failure: %v", err)
					}
					if took := time.Since(begin); took != 10*time.Second {
						t.Errorf("it stopped after %s", took)
					}
					wantNotReady(t, ready, "not answered yet")
				})
			}
		})
	}
}

func TestAwaitFailsOnAnOldSchema(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tooOld := errors.New("too old")
		ready := newReadiness(&fakeDatabase{schema: func(context.Context) error { return tooOld }})
		if err := ready.Await(t.Context()); !errors.Is(err, tooOld) {
			t.Errorf("got %v", err)
		}
		wantNotReady(t, ready, "not answered yet")
	})
}
