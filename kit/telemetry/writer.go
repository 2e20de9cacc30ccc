package telemetry

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// writerLimit is how many bytes a lineWriter buffers for a slow sink: some thousands of lines.
const writerLimit = 1 << 20

// lineWriter writes lines to a sink in the background, so that logging never blocks on a disk, a pipe
// or a terminal. It drops and counts lines that a blocked or broken sink does not accept. A crash
// of the process may lose the last lines. It is safe for concurrent use.
type lineWriter struct {
	sink    io.Writer
	wake    chan struct{} // signaled when lines are pending, and by Close
	done    chan struct{} // closed once all lines are written
	dropped atomic.Uint64

	mu      sync.Mutex
	pending []byte
	ending  bool         // Close was called
	closed  bool         // lines are dropped from now on
	logger  *slog.Logger // reports drops; may be nil
}

// newLineWriter returns a lineWriter to sink. The caller must call Close.
func newLineWriter(sink io.Writer) *lineWriter {
	w := &lineWriter{sink: sink, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go w.run()
	return w
}

// Write buffers one or more whole lines. It never blocks and never fails.
func (w *lineWriter) Write(lines []byte) (int, error) {
	w.mu.Lock()
	if w.closed || len(w.pending)+len(lines) > writerLimit {
		w.drop(lines)
	} else {
		w.pending = append(w.pending, lines...)
	}
	w.mu.Unlock()
	w.signal()
	return len(lines), nil
}

// reportDrops sets a logger, which may write to w, that reports dropped lines once the sink accepts
// lines again.
func (w *lineWriter) reportDrops(logger *slog.Logger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logger = logger
}

// Dropped returns how many lines have been dropped since the start.
func (w *lineWriter) Dropped() uint64 { return w.dropped.Load() }

// Close writes pending lines for at most timeout, and reports whether it wrote all of them. Later
// lines are dropped.
func (w *lineWriter) Close(timeout time.Duration) bool {
	w.mu.Lock()
	w.ending = true
	w.mu.Unlock()
	w.signal()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-w.done:
		return true
	case <-timer.C:
		w.close()
		return false
	}
}

// close drops later lines, and returns those that are pending.
func (w *lineWriter) close() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return w.pending
}

func (w *lineWriter) drop(lines []byte) {
	w.dropped.Add(uint64(bytes.Count(lines, []byte{'\n'}))) //nolint:gosec // G115: a count is not negative
}

func (w *lineWriter) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run writes pending lines in batches until Close.
func (w *lineWriter) run() {
	defer close(w.done)
	var (
		batch    []byte
		broken   bool
		reported uint64
	)
	for range w.wake {
		w.mu.Lock()
		batch, w.pending = w.pending, batch[:0]
		ending, logger := w.ending, w.logger
		w.mu.Unlock()
		if dropped := w.Dropped(); dropped > reported && !broken && logger != nil {
			// The buffer is empty now, so this becomes the first line of the next batch.
			logger.WarnContext(context.Background(), "log lines were dropped", slog.Uint64("lines", dropped-reported))
			reported = dropped
		}
		broken = !w.put(batch)
		if ending {
			w.put(w.close())
			return
		}
	}
}

// put writes to the sink, and counts the lines as dropped if that fails.
func (w *lineWriter) put(batch []byte) bool {
	_, err := w.sink.Write(batch)
	if err != nil {
		w.drop(batch)
	}
	return err == nil
}
