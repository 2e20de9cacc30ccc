package ratelimit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/plinth/kit/ratelimit"
)

func TestSpansHoldNoAddresses(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	counting, err := ratelimit.OpenRedis("redis://:hunter2@"+server.Addr(), ratelimit.RedisOptions{
		Prefix: "test:", Timeout: time.Minute, Tracing: provider,
	})
	must(t, err)
	t.Cleanup(func() { _ = counting.Close() })
	server.RequireAuth("hunter2")

	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	for range 2 { // the first loads the script
		_, err = counting.Take(ctx, network("192.0.2.0/24"), minutely)
		must(t, err)
	}
	request.End()
	names := map[string]int{}
	for _, span := range exporter.GetSpans() {
		names[span.Name]++
		if text := fmt.Sprint(span); strings.Contains(text, "192.0.2") || strings.Contains(text, "hunter2") {
			t.Errorf("a span says %s", text)
		}
		if span.Name != "request" && span.Parent.SpanID() != request.SpanContext().SpanID() {
			t.Errorf("%s is no child of the request", span.Name)
		}
	}
	if names["evalsha"] != 2 || names["request"] != 1 {
		t.Errorf("the spans are %v", names)
	}
}
