package lifecycle_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// logText is a log in memory, safe for concurrent use.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestRunChoresJittersIntervals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logText
		ctx, cancel := context.WithCancel(t.Context())
		begin := time.Now()
		var times []time.Duration
		fails := lifecycle.Chore{Name: "failing", Do: func(context.Context) error { return errors.New("out of order") }}
		note := lifecycle.Chore{Name: "noting", Do: func(context.Context) error {
			times = append(times, time.Since(begin))
			return nil
		}}
		var working sync.WaitGroup
		working.Go(func() {
			lifecycle.RunChores(ctx, time.Minute, []lifecycle.Chore{fails, note}, textLogger(&log))
		})
		time.Sleep(100 * time.Minute) // of the bubble
		cancel()
		working.Wait()

		if n := len(times); n < 80 || n > 120 {
			t.Errorf("%d runs in 100 minutes", n)
		}
		gaps := map[time.Duration]bool{}
		for i, at := range times[1:] {
			gap := at - times[i]
			gaps[gap] = true
			if gap < 30*time.Second || gap > 90*time.Second {
				t.Errorf("an interval of %s", gap)
			}
		}
		if len(gaps) < 10 {
			t.Errorf("%d different intervals: replicas would run in step", len(gaps))
		}
		if n := strings.Count(log.String(), `msg="chore failed" chore=failing error="out of order"`); n != len(times) {
			t.Errorf("%d of %d failures are in the log", n, len(times))
		}
	})
}

func TestRunChoresLogsNoFailureAtTheStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logText
		ctx, cancel := context.WithCancel(t.Context())
		waits := lifecycle.Chore{Name: "waiting", Do: func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}}
		lifecycle.RunChores(ctx, time.Minute, []lifecycle.Chore{waits}, textLogger(&log))
		if log.String() != "" {
			t.Errorf("the log is %q", log.String())
		}
	})
}
