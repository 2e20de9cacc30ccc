package lifecycle_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// otherClock is a database whose clock is off until somebody sets it, and which takes its time to say so.
type otherClock struct {
	ahead, delay time.Duration
	down         bool
	set          time.Time
}

func (c *otherClock) Now(context.Context) (time.Time, error) {
	time.Sleep(c.delay) // of the bubble
	now := time.Now()
	if now.Before(c.set) {
		now = now.Add(c.ahead)
	}
	time.Sleep(c.delay)
	if c.down {
		return time.Time{}, errors.New("down")
	}
	return now, nil
}

func TestASkewedClockIsReportedOnce(t *testing.T) {
	t.Parallel()
	const differs, agrees = "the clock differs", "the clock agrees"
	for name, test := range map[string]struct {
		database       otherClock
		differs, after string
	}{
		"slow":                          {otherClock{ahead: 31 * time.Second}, differs, "ahead_seconds=-31"},
		"fast":                          {otherClock{ahead: -31 * time.Second}, differs, "ahead_seconds=31"},
		"a little off":                  {otherClock{ahead: 30 * time.Second}, "", ""},
		"a slow answer is not a skew":   {otherClock{delay: 40 * time.Second}, "", ""},
		"a slow answer from a fast one": {otherClock{delay: 3 * time.Second, ahead: time.Hour}, differs, "ahead_seconds=-3597"},
		"no answer":                     {otherClock{ahead: time.Hour, down: true}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log, database := newLogLines(), test.database
				database.set = time.Now().Add(5*time.Minute + time.Second)
				ctx, cancel := context.WithCancel(t.Context())
				var watching sync.WaitGroup
				watching.Go(func() {
					app.WatchClock(ctx, &database, time.Now, slog.New(slog.NewTextHandler(log, nil)))
				})
				time.Sleep(5 * time.Minute) // of the bubble
				synctest.Wait()
				if strings.Count(log.String(), differs) != strings.Count(test.differs, differs) || !strings.Contains(log.String(), test.after) {
					t.Errorf("it said %q", log.String())
				}
				time.Sleep(5 * time.Minute) // set by now
				cancel()
				watching.Wait()
				if strings.Count(log.String(), agrees) != strings.Count(test.differs, differs) {
					t.Errorf("when it was over it said %q", log.String())
				}
			})
		})
	}
}
