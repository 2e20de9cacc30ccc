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

// writerLimit is how much a Writer keeps in memory for a sink that is slow: some thousands of lines.
const writerLimit = 1 << 20

// Writer hands lines on to a sink in the background, so that whoever logs never waits for a disk, a pipe or a terminal.
// What a sink that is blocked or broken does not take is dropped, and counted. A crash of the process may lose the lines
// of the last moment. It may be used by many at the same time.
type Writer struct {
	sink    io.Writer
	wake    chan struct{} // something is pending, or the end has come
	done    chan struct{} // closed once everything has been handed on
	dropped atomic.Uint64

	mu      sync.Mutex
	pending []byte
	ending  bool         // Close was called
	closed  bool         // nothing is taken any more
	logger  *slog.Logger // learns of drops; may be nil
}

// NewWriter returns a Writer to sink. The caller must close it.
func NewWriter(sink io.Writer) *Writer {
	w := &Writer{sink: sink, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go w.handOn()
	return w
}

// Write takes one line or several whole ones. It never waits and never fails.
func (w *Writer) Write(lines []byte) (int, error) {
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

// ReportDrops has logger, which may write to w, told of drops as soon as the sink takes lines again.
func (w *Writer) ReportDrops(logger *slog.Logger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logger = logger
}

// Dropped returns how many lines have been dropped since the start.
func (w *Writer) Dropped() uint64 { return w.dropped.Load() }

// Close hands on what is pending, at most for timeout, and says whether that worked. What is written afterwards is dropped.
func (w *Writer) Close(timeout time.Duration) bool {
	w.mu.Lock()
	w.ending = true
	w.mu.Unlock()
	w.signal()
	overdue := time.NewTimer(timeout)
	defer overdue.Stop()
	select {
	case <-w.done:
		return true
	case <-overdue.C:
		w.close()
		return false
	}
}

// close has nothing taken any more, and returns what is still to be handed on.
func (w *Writer) close() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return w.pending
}

func (w *Writer) drop(lines []byte) {
	w.dropped.Add(uint64(bytes.Count(lines, []byte{'\n'}))) //nolint:gosec // G115: a count is not negative
}

func (w *Writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// handOn writes what is pending, all that has gathered at once, until the end.
func (w *Writer) handOn() {
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
			// Now there is room for it: it becomes the first line of the next batch.
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

// put writes to the sink. What the sink refuses is dropped.
func (w *Writer) put(batch []byte) bool {
	_, err := w.sink.Write(batch)
	if err != nil {
		w.drop(batch)
	}
	return err == nil
}
