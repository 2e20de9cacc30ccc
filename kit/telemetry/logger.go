package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"
)

// LoggerOptions configures [NewLogger]. The zero value writes JSON from the info level on.
type LoggerOptions struct {
	// Level is the lowest level that is written.
	Level slog.Leveler
	// Format is "text", or "json" for everything else.
	Format string
}

// NewLogger returns a logger that writes one line per record to w, with the time in UTC (RFC 3339)
// and the request id and trace id of the context. It redacts attributes: by key (password, token,
// authorization …) if the value is text or a structure, and by pattern inside texts and errors. It
// does not look into the fields of structs.
func NewLogger(w io.Writer, opts LoggerOptions) *slog.Logger {
	return slog.New(&handler{next: newHandler(w, opts)})
}

func newHandler(w io.Writer, opts LoggerOptions) slog.Handler {
	handlerOpts := &slog.HandlerOptions{Level: opts.Level}
	if opts.Format == "text" {
		return slog.NewTextHandler(w, handlerOpts)
	}
	return slog.NewJSONHandler(w, handlerOpts)
}

// handler adds ids from the context and redacts. slog's ReplaceAttr would run for every attribute
// of every line, and most lines need no change.
type handler struct {
	next slog.Handler
	// outer and inner rebuild next below a group, because ids belong outside of every group.
	outer slog.Handler
	inner []func(slog.Handler) slog.Handler
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	r.Time = r.Time.UTC()
	r = redactRecord(r)
	requestID, traceID := RequestID(ctx), TraceID(ctx)
	if h.outer == nil {
		addID(&r, "request_id", requestID)
		addID(&r, "trace_id", traceID)
		return h.next.Handle(ctx, r)
	}
	next := withID(withID(h.outer, "request_id", requestID), "trace_id", traceID)
	for _, step := range h.inner {
		next = step(next)
	}
	return next.Handle(ctx, r)
}

func addID(r *slog.Record, key, id string) {
	if id != "" {
		r.AddAttrs(slog.String(key, id))
	}
}

func withID(h slog.Handler, key, id string) slog.Handler {
	if id == "" {
		return h
	}
	return h.WithAttrs([]slog.Attr{slog.String(key, id)})
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = redactAttrs(attrs)
	return h.with(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) }, h.outer)
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	outer := h.outer
	if outer == nil {
		outer = h.next
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithGroup(name) }, outer)
}

func (h *handler) with(step func(slog.Handler) slog.Handler, outer slog.Handler) *handler {
	derived := &handler{next: step(h.next), outer: outer}
	if outer != nil {
		derived.inner = slices.Concat(h.inner, []func(slog.Handler) slog.Handler{step})
	}
	return derived
}

type requestIDKey struct{}

// WithRequestID returns a context with a request id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the request id of ctx, or "" if there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
