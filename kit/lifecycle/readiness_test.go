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
	"example.com/plinth/internal/domain"
)

// outage is a database that answers from some time on. It stands in for a real one where the clock is not real either.
type outage struct {
	until    time.Time
	pings    int
	schema   func(context.Context) error
	readOnly bool
}

var errOutage = errors.New("connection refused")

func (o *outage) Ping(context.Context) error {
	o.pings++
	if time.Now().Before(o.until) {
		return domain.ErrUnavailable.Because(errOutage)
	}
	return nil
}

func (o *outage) RefusesWrites(ctx context.Context) (bool, error) { return o.readOnly, o.Ping(ctx) }

func (o *outage) CheckSchema(ctx context.Context) error {
	if o.schema == nil {
		return nil
	}
	return o.schema(ctx)
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func wantNotReady(t *testing.T, ready *app.Readiness, why string) {
	t.Helper()
	_, err := ready.Check(t.Context())
	failure, ok := errors.AsType[*domain.Error](err)
	if !ok || failure.Code != domain.CodeNotReady || !strings.Contains(failure.Message, why) {
		t.Errorf("got %v, want not_ready because of %q", err, why)
	}
}

func wantReady(t *testing.T, ready *app.Readiness, degraded ...string) {
	t.Helper()
	if got, err := ready.Check(t.Context()); err != nil || !slices.Equal(got, degraded) {
		t.Errorf("got %q, %v, want ready but for %q", got, err, degraded)
	}
}

func TestReadinessFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		database := &outage{}
		ready := app.NewReadiness(database, discard())
		wantNotReady(t, ready, "not answered yet")
		must(t, ready.Await(t.Context()))
		wantReady(t, ready)

		database.until = time.Now().Add(time.Second)
		wantNotReady(t, ready, "does not answer")
		_, err := ready.Check(t.Context())
		if !errors.Is(err, errOutage) || strings.Contains(err.Error(), errOutage.Error()) {
			t.Errorf("%v: the cause is for the log, and only for that", err)
		}
		time.Sleep(time.Second) // of the bubble
		wantReady(t, ready)

		database.readOnly = true // which load balancers must not take for an outage
		wantReady(t, ready, "writes")
		database.readOnly = false
		wantReady(t, ready)

		ready.Drain()
		wantNotReady(t, ready, "shutting down")
	})
}

func TestAwaitGivesUpAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		database := &outage{until: begin.Add(time.Hour)}
		err := app.NewReadiness(database, discard()).Await(t.Context())
		if !errors.Is(err, errOutage) || !strings.Contains(err.Error(), "1m0s") {
			t.Errorf("got %v, want how long it waited and why", err)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("it gave up after %s", took)
		}
		if database.pings < 12 || database.pings > 30 {
			t.Errorf("it asked %d times", database.pings)
		}
	})
}

func TestAwaitIsPatient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ready := app.NewReadiness(&outage{until: begin.Add(30 * time.Second)}, discard())
		must(t, ready.Await(t.Context()))
		if late := time.Since(begin) - 30*time.Second; late > 5*time.Second {
			t.Errorf("it noticed %s late", late)
		}
		wantReady(t, ready)
	})
}

// A stop is a stop, whatever it interrupts: the exit status must not depend on the moment.
func TestAwaitIsTold(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func() *outage{
		"while the database is down": func() *outage { return &outage{until: time.Now().Add(time.Hour)} },
		"while the schema is checked": func() *outage {
			return &outage{schema: func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 { // a choice between two channels that are both ready is left to chance
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(10*time.Second, cancel)
					begin := time.Now()
					ready := app.NewReadiness(database(), discard())
					if err := ready.Await(ctx); err != nil {
						t.Fatalf("being told to stop is no failure: %v", err)
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

func TestAwaitRefusesASchemaThatIsTooOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tooOld := errors.New("too old")
		ready := app.NewReadiness(&outage{schema: func(context.Context) error { return tooOld }}, discard())
		if err := ready.Await(t.Context()); !errors.Is(err, tooOld) {
			t.Errorf("got %v", err)
		}
		wantNotReady(t, ready, "not answered yet")
	})
}
