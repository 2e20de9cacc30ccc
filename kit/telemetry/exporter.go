package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// exporter redacts spans before they are sent, and logs and counts failed exports. The SDK would
// pass an error to its global handler, which writes lines of its own.
type exporter struct {
	sdktrace.SpanExporter

	logger  *slog.Logger
	metrics *Metrics // may be nil
}

// ExportSpans implements sdktrace.SpanExporter.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	clean := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		clean[i] = scrubbedSpan{span}
	}
	if err := e.SpanExporter.ExportSpans(ctx, clean); err != nil {
		e.logger.WarnContext(ctx, "exporting traces", slog.Any("error", err), slog.Int("spans", len(spans)))
		if e.metrics != nil {
			e.metrics.exportFailures.Inc()
		}
	}
	return nil
}

// scrubbedSpan redacts credentials, tokens and e-mail addresses in the status and the events of a
// span, where libraries record errors.
type scrubbedSpan struct{ sdktrace.ReadOnlySpan }

// Status implements sdktrace.ReadOnlySpan.
func (s scrubbedSpan) Status() sdktrace.Status {
	status := s.ReadOnlySpan.Status()
	status.Description = Redact(status.Description)
	return status
}

// Events implements sdktrace.ReadOnlySpan.
func (s scrubbedSpan) Events() []sdktrace.Event {
	events := slices.Clone(s.ReadOnlySpan.Events())
	for i, event := range events {
		events[i].Attributes = slices.Clone(event.Attributes)
		for j, a := range event.Attributes {
			if a.Value.Type() == attribute.STRING {
				events[i].Attributes[j].Value = attribute.StringValue(Redact(a.Value.AsString()))
			}
		}
	}
	return events
}
