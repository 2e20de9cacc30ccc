package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// TracingOptions configures [NewTracing]. The SDK itself reads the sizes of its queue (OTEL_BSP_*) and the limits of spans
// (OTEL_SPAN_*) from the environment.
type TracingOptions struct {
	// Service, Version and Environment name the process in its spans; Attributes are added to them, and win.
	Service     string
	Version     string
	Environment string
	Attributes  map[string]string
	// Endpoint is the full URL that spans are sent to, by OTLP over HTTP with protobuf.
	Endpoint string
	// Headers are sent with each request to Endpoint.
	Headers map[string]string
	// Sampler is one of OTEL_TRACES_SAMPLER, Ratio the share that the ratio ones sample.
	Sampler string
	Ratio   float64
	// Logger and Metrics, which may be nil, learn of spans that could not be sent.
	Logger  *slog.Logger
	Metrics *Metrics
}

// Tracing follows requests by OpenTelemetry, in the background: when the collector is slow or away, spans are lost and
// requests do not notice. A nil Tracing is off. It shares nothing with the global provider of the SDK.
type Tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	options  []trace.SpanStartOption // of each request
}

// NewTracing returns a Tracing that sends its spans to opts.Endpoint. Nothing is sent yet, so a collector that is away is no
// error.
func NewTracing(ctx context.Context, opts TracingOptions) (*Tracing, error) {
	sender, err := otlptrace.New(ctx, newOTLPClient(opts.Endpoint, opts.Headers))
	if err != nil {
		return nil, fmt.Errorf("setting up the export of traces: %w", err)
	}
	described, err := describe(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("describing the service for traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&exporter{sender, opts.Logger, opts.Metrics}),
		sdktrace.WithResource(described),
		sdktrace.WithSampler(newSampler(opts.Sampler, opts.Ratio)),
	)
	return &Tracing{
		provider: provider, tracer: provider.Tracer("http"),
		options: []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)},
	}, nil
}

// describe says whose spans they are.
func describe(ctx context.Context, opts TracingOptions) (*resource.Resource, error) {
	attributes := []attribute.KeyValue{
		semconv.ServiceName(opts.Service),
		semconv.ServiceVersion(opts.Version),
		semconv.DeploymentEnvironmentNameKey.String(opts.Environment),
	}
	for key, value := range opts.Attributes { // after ours, to win
		attributes = append(attributes, attribute.String(key, value))
	}
	return resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(), resource.WithAttributes(attributes...))
}

// Provider is for the libraries that make spans of their own, such as those of databases; nil if tracing is off.
func (t *Tracing) Provider() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// TracedRequest is what a trace says of a request: no address, no query, and the path as a pattern only.
type TracedRequest struct {
	Operation string // of the contract; names the span
	Method    string
	Route     string // such as /users/:id
	Header    http.Header
	// Believed is whether the caller may decide that the request is recorded.
	Believed bool
}

// StartRequest begins the span of a request and returns a context that carries it, and a function to call with the status
// of the answer when the request ends. It goes on with the trace that the caller names in traceparent (W3C Trace Context).
func (t *Tracing) StartRequest(ctx context.Context, r TracedRequest) (context.Context, func(status int)) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	if r.Believed {
		ctx = believe(ctx)
	}
	ctx, span := t.tracer.Start(ctx, r.Operation, t.options...)
	if !span.IsRecording() {
		return ctx, unrecorded
	}
	span.SetAttributes(
		semconv.HTTPRequestMethodKey.String(r.Method),
		semconv.HTTPRoute(r.Route),
		attribute.String("operation.id", r.Operation),
		attribute.String("request.id", RequestID(ctx)),
	)
	return ctx, func(status int) {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		if status >= http.StatusInternalServerError { // 4xx are the caller's business
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

func unrecorded(int) {}

// Close sends what is left, at most for timeout, and ends the work in the background. The error is for the log.
func (t *Tracing) Close(ctx context.Context, timeout time.Duration) error {
	if t == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return t.provider.Shutdown(bounded)
}

// TraceID returns the id of the trace that ctx belongs to, be it of OpenTelemetry or of Sentry; empty if there is none.
func TraceID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	return sentryTraceID(ctx)
}
