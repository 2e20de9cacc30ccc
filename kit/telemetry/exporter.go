package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// newExporter returns what sends spans. Options go before what the SDK reads from the environment.
func newExporter(ctx context.Context, opts TracingOptions) (sdktrace.SpanExporter, error) {
	if opts.GRPC {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpointURL(opts.Endpoint)}
		if len(opts.Headers) > 0 {
			options = append(options, otlptracegrpc.WithHeaders(opts.Headers))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	options := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(opts.Endpoint)}
	if len(opts.Headers) > 0 {
		options = append(options, otlptracehttp.WithHeaders(opts.Headers))
	}
	return otlptracehttp.New(ctx, options...)
}

// exporter is the last look at whatever leaves, and tells of spans that could not be sent: the SDK would tell its global
// handler, which writes lines of its own.
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

// scrubbedSpan is a span without credentials, tokens and e-mail addresses where errors put them: in its status and in the
// events that tell of exceptions.
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
