package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/telemetry"
)

// sink collects lines; it blocks between block and unblock.
type sink struct {
	turn chan struct{}
	text bytes.Buffer
}

func newSink() *sink { return &sink{turn: make(chan struct{}, 1)} }

func (s *sink) block()   { s.turn <- struct{}{} }
func (s *sink) unblock() { <-s.turn }

func (s *sink) Write(p []byte) (int, error) {
	s.block()
	defer s.unblock()
	return s.text.Write(p)
}

// write writes a line; Writers never fail.
func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

func TestWriterKeepsLinesWhole(t *testing.T) {
	t.Parallel()
	const writers, lines = 8, 500
	s := newSink()
	w := telemetry.NewWriter(s)
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for line := range lines {
				fmt.Fprintf(w, "%d: %d\n", writer, line)
			}
		})
	}
	group.Wait()
	if !w.Close(time.Minute) || w.Dropped() != 0 {
		t.Fatalf("%d lines were dropped", w.Dropped())
	}
	next := map[int]int{}
	for text := range strings.Lines(s.text.String()) {
		var writer, line int
		if _, err := fmt.Sscanf(text, "%d: %d\n", &writer, &line); err != nil || line != next[writer] {
			t.Fatalf("%q (%v), want line %d of the writer", text, err, next[writer])
		}
		next[writer]++
	}
	for writer := range writers {
		if next[writer] != lines {
			t.Errorf("%d lines of writer %d", next[writer], writer)
		}
	}
}

// blockedWriter returns a Writer that is blocked in its sink with a first line, and reports drops.
func blockedWriter() (*sink, *telemetry.Writer) {
	s := newSink()
	w := telemetry.NewWriter(s)
	w.ReportDrops(slog.New(slog.NewTextHandler(w, nil)))
	s.block()
	write(w, "first\n")
	synctest.Wait()
	return s, w
}

// A blocked sink costs memory up to a limit, then lines, but never time.
func TestWriterDropsLinesOfABlockedSink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := blockedWriter()
		const size, kept, dropped = 64 << 10, 16, 5
		line := strings.Repeat("x", size-1) + "\n"
		for range kept + dropped {
			if n, err := io.WriteString(w, line); n != size || err != nil {
				t.Fatalf("writing: %d, %v", n, err)
			}
		}
		if w.Dropped() != dropped {
			t.Errorf("%d lines were dropped, want %d", w.Dropped(), dropped)
		}
		s.unblock()
		synctest.Wait()
		write(w, "last\n")
		if !w.Close(time.Second) {
			t.Error("Close timed out")
		}
		before, after, found := strings.Cut(s.text.String(), `level=WARN msg="log lines were dropped" lines=5`)
		if !found || strings.Count(before, "x") != kept*(size-1) || !strings.HasPrefix(before, "first\n") ||
			after != "\nlast\n" {
			t.Errorf("%d bytes, and then %q", len(before), after)
		}
	})
}

// Drops are reported even if Close comes before the sink accepts lines again.
func TestWriterReportsDropsAtClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := blockedWriter()
		write(w, strings.Repeat("line\n", 1<<20))
		write(w, "second\n")
		ended := make(chan bool)
		go func() { ended <- w.Close(time.Minute) }()
		synctest.Wait()
		s.unblock()
		if !<-ended {
			t.Error("Close timed out")
		}
		write(w, "too late\n")
		before, after, found := strings.Cut(s.text.String(), `level=WARN msg="log lines were dropped" lines=1048576`)
		if !found || !strings.HasPrefix(before, "first\nsecond\n") || after != "\n" || w.Dropped() != 1<<20+1 {
			t.Errorf("%q, and then %q; %d dropped", before, after, w.Dropped())
		}
	})
}

func TestWriterCloseTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSink()
		w := telemetry.NewWriter(s)
		s.block()
		write(w, "line\n")
		begin := time.Now()
		if w.Close(time.Second) || time.Since(begin) != time.Second {
			t.Errorf("Close took %s", time.Since(begin))
		}
		s.unblock()
		synctest.Wait()
		write(w, "too late\n")
		if s.text.String() != "line\n" || w.Dropped() != 1 {
			t.Errorf("%q, and %d dropped", s.text.String(), w.Dropped())
		}
	})
}

type brokenSink struct{}

func (brokenSink) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWriterCountsLinesOfABrokenSink(t *testing.T) {
	t.Parallel()
	w := telemetry.NewWriter(brokenSink{})
	write(w, "one\ntwo\n")
	w.Close(time.Minute)
	if w.Dropped() != 2 {
		t.Errorf("%d lines were dropped, want 2", w.Dropped())
	}
	m := newMetrics()
	m.WatchLog(w)
	wantLines(t, scrape(t, m), "log_lines_dropped_total 2")
}
