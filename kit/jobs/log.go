package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// engineLog passes on the warnings and errors of River, each text once a minute at most: while the
// database is down, each of its loops logs each of its attempts.
type engineLog struct {
	next slog.Handler
	seen *seen
}

type seen struct {
	mu   sync.Mutex
	last map[string]time.Time // by text; River has few
}

const quiet = time.Minute

func newEngineLog(next slog.Handler) engineLog {
	return engineLog{next: next, seen: &seen{last: map[string]time.Time{}}}
}

// Enabled implements slog.Handler.
func (l engineLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (l engineLog) Handle(ctx context.Context, r slog.Record) error {
	if !l.seen.isNew(r.Message, r.Time) {
		return nil
	}
	line := slog.NewRecord(r.Time, slog.LevelWarn, "job queue", r.PC)
	line.AddAttrs(slog.String("detail", r.Message))
	r.Attrs(func(attr slog.Attr) bool {
		line.AddAttrs(attr)
		return true
	})
	return l.next.Handle(ctx, line)
}

func (s *seen) isNew(text string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.last[text]) < quiet {
		return false
	}
	s.last[text] = now
	return true
}

// WithAttrs implements slog.Handler.
func (l engineLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return engineLog{next: l.next.WithAttrs(attrs), seen: l.seen}
}

// WithGroup implements slog.Handler.
func (l engineLog) WithGroup(name string) slog.Handler {
	return engineLog{next: l.next.WithGroup(name), seen: l.seen}
}
