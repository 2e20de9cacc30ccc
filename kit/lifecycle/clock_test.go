package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// otherClock is a remote clock that is off by ahead until set, and takes delay each way.
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

func TestWatchClockReportsSkewOnce(t *testing.T) {
	t.Parallel()
	const differs, agrees = "the clock differs", "the clock agrees"
	for name, test := range map[string]struct {
		database       otherClock
		differs, after string
	}{
		"slow":                    {otherClock{ahead: 31 * time.Second}, differs, "ahead_seconds=-31"},
		"fast":                    {otherClock{ahead: -31 * time.Second}, differs, "ahead_seconds=31"},
		"within the tolerance":    {otherClock{ahead: 30 * time.Second}, "", ""},
		"a slow answer":           {otherClock{delay: 40 * time.Second}, "", ""},
		"a slow answer with skew": {otherClock{delay: 3 * time.Second, ahead: time.Hour}, differs, "ahead_seconds=-3597"},
		"no answer":               {otherClock{ahead: time.Hour, down: true}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logText
				database := test.database
				database.set = time.Now().Add(5*time.Minute + time.Second)
				ctx, cancel := context.WithCancel(t.Context())
				var watching sync.WaitGroup
				watching.Go(func() {
					lifecycle.WatchClock(ctx, &database, time.Now, textLogger(&log))
				})
				time.Sleep(5 * time.Minute) // of the bubble
				synctest.Wait()
				if strings.Count(log.String(), differs) != strings.Count(test.differs, differs) ||
					!strings.Contains(log.String(), test.after) {
					t.Errorf("the log is %q", log.String())
				}
				time.Sleep(5 * time.Minute) // the clock is set by now
				cancel()
				watching.Wait()
				if strings.Count(log.String(), agrees) != strings.Count(test.differs, differs) {
					t.Errorf("after the clock was set the log is %q", log.String())
				}
			})
		})
	}
}
