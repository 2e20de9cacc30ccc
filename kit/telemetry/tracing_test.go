package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"

	"example.com/plinth/kit/otlptest"
	"example.com/plinth/kit/telemetry"
)

const (
	clientTrace = "0af7651916cd43dd8448eb211c80319c"
	clientSpan  = "b7ad6b7169203331"
)

// traceparent returns the header of a client that records its trace, or not.
func traceparent(recorded bool) http.Header {
	flags := "00"
	if recorded {
		flags = "01"
	}
	return http.Header{"Traceparent": {"00-" + clientTrace + "-" + clientSpan + "-" + flags}}
}

func newTracing(t *testing.T, opts telemetry.TracingOptions) *telemetry.Tracing {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = telemetry.NewLogger(t.Output(), telemetry.LoggerOptions{})
	}
	tracing, err := telemetry.NewTracing(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tracing.Close(context.WithoutCancel(t.Context()), patience) })
	return tracing
}

// exportTo returns options that export to a collector.
func exportTo(c *otlptest.Collector) telemetry.TracingOptions {
	return telemetry.TracingOptions{Endpoint: c.URL + "/v1/traces"}
}

func closeTracing(t *testing.T, tracing *telemetry.Tracing) {
	t.Helper()
	if err := tracing.Close(t.Context(), patience); err != nil {
		t.Fatal(err)
	}
}

func TestExportedSpan(t *testing.T) {
	t.Parallel()
	collector := otlptest.New(t)
	opts := exportTo(collector)
	opts.Service, opts.Version, opts.Environment = "Orders", "v1.2.3", "staging"
	opts.Attributes = map[string]string{"team": "blue", "deployment.environment.name": "canary"}
	opts.Headers = map[string]string{"api-key": "s3cr3t"}
	tracing := newTracing(t, opts)

	ctx := telemetry.WithRequestID(t.Context(), "01ABC")
	_, finish := tracing.StartRequest(ctx, telemetry.TracedRequest{
		Operation: "getThing", Method: http.MethodGet, Route: "/things/:id", Header: traceparent(true),
	})
	finish(http.StatusOK)
	closeTracing(t, tracing) // exports the span

	span := collector.Await(t, "getThing")
	if span.TraceID != clientTrace || span.ParentID != clientSpan || span.Kind != "SERVER" || span.Status != "UNSET" {
		t.Errorf("the span is %+v", span)
	}
	wantValues(t, span.Attributes, map[string]string{
		"http.request.method": "GET", "http.route": "/things/:id", "http.response.status_code": "200",
		"operation.id": "getThing", "request.id": "01ABC",
	})
	wantValues(t, span.Resource, map[string]string{
		"service.name": "Orders", "service.version": "v1.2.3", "team": "blue", "deployment.environment.name": "canary",
	})
	wantValues(t, span.Headers, map[string]string{
		"api-key": "s3cr3t", "content-type": "application/x-protobuf", "content-encoding": "gzip",
	})
}

func wantValues(t *testing.T, got, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %q, want %q", key, got[key], value)
		}
	}
}

func TestSpanStatus(t *testing.T) {
	t.Parallel()
	collector := otlptest.New(t)
	tracing := newTracing(t, exportTo(collector))
	for operation, status := range map[string]int{"fine": 200, "refused": 404, "failed": 500} {
		_, finish := tracing.StartRequest(t.Context(), telemetry.TracedRequest{Operation: operation})
		finish(status)
	}
	closeTracing(t, tracing)
	for operation, want := range map[string]string{"fine": "UNSET", "refused": "UNSET", "failed": "ERROR"} {
		if span := collector.Await(t, operation); span.Status != want || span.ParentID != "" {
			t.Errorf("the span is %+v, want the status %s", span, want)
		}
	}
}

// Libraries record errors in their spans.
func TestSpansHoldNoSecrets(t *testing.T) {
	t.Parallel()
	collector := otlptest.New(t)
	tracing := newTracing(t, exportTo(collector))
	_, span := tracing.Provider().Tracer("library").Start(t.Context(), "query")
	err := errors.New("Key (email)=(ada@example.com) of postgres://u:hunter2@db exists")
	span.RecordError(err)
	span.SetStatus(codes.Error, err.Error())
	span.End()
	closeTracing(t, tracing)
	arrived := collector.Await(t, "query")
	text := arrived.Status + strings.Join(arrived.Events, " ")
	if strings.Contains(text, "ada@") || strings.Contains(text, "hunter2") || strings.Count(text, "[redacted]") < 4 {
		t.Errorf("the span says %s", text)
	}
}

func TestSamplers(t *testing.T) {
	t.Parallel()
	const many = 200
	type client struct {
		header  http.Header
		trusted bool
	}
	recording, silent := client{header: traceparent(true)}, client{header: traceparent(false)}
	proxy, silentProxy := client{traceparent(true), true}, client{traceparent(false), true}
	for _, test := range []struct {
		sampler  string
		ratio    float64
		client   client
		min, max int
	}{
		{"parentbased_always_on", 1, client{}, many, many},
		{"parentbased_always_on", 1, recording, many, many},
		{"parentbased_always_on", 1, silent, 0, 0},
		{"parentbased_always_on", 1, silentProxy, 0, 0},
		{"parentbased_always_off", 1, recording, 0, 0},
		{"parentbased_always_off", 1, proxy, many, many},
		{"parentbased_traceidratio", 0.5, client{}, 50, 150},
		{"parentbased_traceidratio", 0.5, recording, 50, 150}, // a share of the requests, although all have the same trace id
		{"parentbased_traceidratio", 0.5, proxy, many, many},
		{"parentbased_traceidratio", 0, recording, 0, 0},
		{"traceidratio", 0.5, recording, 50, 150},
		{"traceidratio", 0.5, silent, 50, 150},
		{"traceidratio", 0, proxy, 0, 0},
		{"always_on", 0, silent, many, many},
		{"always_off", 1, proxy, 0, 0},
	} {
		t.Run(test.sampler, func(t *testing.T) {
			t.Parallel()
			collector := otlptest.New(t)
			opts := exportTo(collector)
			opts.Sampler, opts.Ratio = test.sampler, test.ratio
			tracing := newTracing(t, opts)
			for range many {
				ctx, finish := tracing.StartRequest(t.Context(), telemetry.TracedRequest{
					Operation: "request", Header: test.client.header, Trusted: test.client.trusted,
				})
				_, child := tracing.Provider().Tracer("library").Start(ctx, "query")
				child.End()
				finish(http.StatusOK)
				if test.client.header != nil && telemetry.TraceID(ctx) != clientTrace {
					t.Fatalf("the trace is %s", telemetry.TraceID(ctx))
				}
			}
			closeTracing(t, tracing)
			recorded := map[string]int{}
			for _, span := range collector.Spans() {
				recorded[span.Name]++
			}
			if recorded["request"] < test.min || recorded["request"] > test.max ||
				recorded["query"] != recorded["request"] {
				t.Errorf("%+v: %v were recorded, want from %d to %d", test.client, recorded, test.min, test.max)
			}
		})
	}
}

func TestCloseWhileTheCollectorHangs(t *testing.T) {
	t.Parallel()
	listener, err := new(
		net.ListenConfig,
	).Listen(
		t.Context(),
		"tcp",
		"127.0.0.1:0",
	) // accepts connections and never responds
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var log bytes.Buffer // read after Close, when nothing writes to it
	metrics := newMetrics()
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{
		Endpoint: "http://" + listener.Addr().String(), Metrics: metrics,
		Logger: telemetry.NewLogger(&log, telemetry.LoggerOptions{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 10_000 { // more than the queue holds
		_, finish := tracing.StartRequest(t.Context(), telemetry.TracedRequest{Operation: "request"})
		finish(http.StatusOK)
	}
	started := time.Now()
	if err := tracing.Close(t.Context(), 100*time.Millisecond); err == nil {
		t.Error("Close reports no error")
	}
	if took := time.Since(started); took > patience {
		t.Errorf("Close took %s", took)
	}
}

func TestFailedExportIsReported(t *testing.T) {
	t.Parallel()
	refusing := otlptest.New(t)
	var log bytes.Buffer // read after Close, when nothing writes to it
	metrics := newMetrics()
	tracing := newTracing(t, telemetry.TracingOptions{
		Endpoint: refusing.URL + "/not/for/traces",
		Metrics:  metrics,
		Logger:   telemetry.NewLogger(&log, telemetry.LoggerOptions{}),
	})
	_, finish := tracing.StartRequest(t.Context(), telemetry.TracedRequest{Operation: "request"})
	finish(http.StatusOK)
	closeTracing(t, tracing)
	if !strings.Contains(log.String(), `"msg":"exporting traces"`) || !strings.Contains(log.String(), `"spans":1`) {
		t.Errorf("the log is %s", &log)
	}
	wantLines(t, scrape(t, metrics), "trace_export_failures_total 1")
}

func TestNilTracing(t *testing.T) {
	t.Parallel()
	var off *telemetry.Tracing
	if off.Provider() != nil || off.Close(t.Context(), time.Second) != nil {
		t.Error("a nil Tracing has a provider, or Close fails")
	}
}

func TestRecordedTracesAreExemplars(t *testing.T) {
	t.Parallel()
	metrics := newMetrics()
	collector := otlptest.New(t)
	tracing := newTracing(t, exportTo(collector))
	ctx, finish := tracing.StartRequest(
		t.Context(),
		telemetry.TracedRequest{Operation: "slow", Header: traceparent(true)},
	)
	requests := metrics.Requests("slow")
	requests.Began()
	requests.Ended(ctx, http.StatusOK, 2*time.Second)
	finish(http.StatusOK)
	text := scrapeAs(t, metrics, "application/openmetrics-text")
	if !strings.Contains(text, `le="2.5"} 1 # {trace_id="`+clientTrace+`"} 2.0`) {
		t.Errorf("no exemplar in\n%s", text)
	}
}
