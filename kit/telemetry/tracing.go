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

// TracingOptions configures [NewTracing]. The SDK itself reads the sizes of its queue (OTEL_BSP_*)
// and the limits of spans (OTEL_SPAN_*) from the environment.
type TracingOptions struct {
	// Service, Version and Environment are attributes of the resource; Attributes add to them and
	// override them.
	Service     string
	Version     string
	Environment string
	Attributes  map[string]string
	// Endpoint is the full URL that spans are sent to, by OTLP over HTTP with protobuf.
	Endpoint string
	// Headers are sent with each request to Endpoint.
	Headers map[string]string
	// Sampler is a value of OTEL_TRACES_SAMPLER, Ratio the share that samplers with a ratio record.
	Sampler string
	Ratio   float64
	// Logger and Metrics report failed exports; Metrics may be nil.
	Logger  *slog.Logger
	Metrics *Metrics
}

// Tracing records requests with OpenTelemetry and exports spans in the background. If the collector
// is slow or down, spans are lost and requests are not delayed. A nil Tracing is off. It does not
// use the global provider of the SDK.
type Tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	options  []trace.SpanStartOption // for the span of a request
}

// NewTracing returns a Tracing that exports to opts.Endpoint. It does not connect yet, so a
// collector that is down is no error.
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

// describe returns the resource, which identifies the process.
func describe(ctx context.Context, opts TracingOptions) (*resource.Resource, error) {
	attributes := []attribute.KeyValue{
		semconv.ServiceName(opts.Service),
		semconv.ServiceVersion(opts.Version),
		semconv.DeploymentEnvironmentNameKey.String(opts.Environment),
	}
	for key, value := range opts.Attributes { // last, so that they override
		attributes = append(attributes, attribute.String(key, value))
	}
	return resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(), resource.WithAttributes(attributes...))
}

// Provider returns the provider for libraries that make their own spans, such as database drivers;
// nil if tracing is off.
func (t *Tracing) Provider() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// TracedRequest holds what a span records of a request: no address, no query, and the pattern of
// the path only.
type TracedRequest struct {
	Operation string // of the contract; the name of the span
	Method    string
	Route     string // such as /users/:id
	Header    http.Header
	// Trusted is whether the client may decide that the request is recorded.
	Trusted bool
}

// StartRequest starts the span of a request. It returns a context with the span, and a function to
// call with the status when the request ends. The span continues the trace in the request's
// traceparent header (W3C Trace Context), if there is one.
func (t *Tracing) StartRequest(ctx context.Context, r TracedRequest) (context.Context, func(status int)) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	if r.Trusted {
		ctx = trust(ctx)
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
		if status >= http.StatusInternalServerError { // a 4xx is no error of the service
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

func unrecorded(int) {}

// Close exports the remaining spans for at most timeout, and stops the background work. The error
// is for the log.
func (t *Tracing) Close(ctx context.Context, timeout time.Duration) error {
	if t == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return t.provider.Shutdown(bounded)
}

// TraceID returns the id of ctx's trace, of OpenTelemetry or of Sentry, or "" if there is none.
func TraceID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	return sentryTraceID(ctx)
}
