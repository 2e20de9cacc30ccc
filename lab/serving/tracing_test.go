package serving_test

import (
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/otlptest"
)

const clientTrace = "0af7651916cd43dd8448eb211c80319c"

func TestRequestsAreTraced(t *testing.T) {
	t.Parallel()
	collector := otlptest.New(t)
	s := start(t, settings(t, pgtest.URL(t), map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=s3cr3t",
	}))
	s.Log.Await(t, "ready")
	status, body := s.register(t, "canary-4711@example.com")
	if status != http.StatusCreated {
		t.Fatalf("registering answers %d: %s", status, body)
	}
	var tokens struct {
		Access string `json:"access_token"`
	}
	must(t, json.Unmarshal([]byte(body), &tokens))
	url := s.URL + "/api/v1/users/me?canary-4711"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+tokens.Access)
	request.Header.Set("traceparent", "00-"+clientTrace+"-b7ad6b7169203331-01")
	request.Header.Set("X-Request-ID", "of-a-test")
	if status, body := answer(t, request); status != http.StatusUnprocessableEntity {
		t.Fatalf("an unknown parameter: status %d: %s", status, body)
	}
	_, _ = s.get(t, "/canary-4711")
	request, err = http.NewRequestWithContext(t.Context(), "canary-4711", s.URL+"/health", http.NoBody)
	must(t, err)
	_, _ = answer(t, request)
	s.Stop() // exports the last spans
	must(t, s.Outcome(t))

	got := collector.Await(t, "getCurrentUser")
	if got.TraceID != clientTrace || got.ParentID != "b7ad6b7169203331" ||
		got.Attributes["request.id"] != "of-a-test" ||
		got.Attributes["http.response.status_code"] != "422" ||
		got.Resource["service.name"] != "Plinth" ||
		got.Headers["api-key"] != "s3cr3t" {
		t.Errorf("the span is %+v", got)
	}
	names := map[string]bool{}
	for _, span := range collector.Spans() {
		if span.TraceID == clientTrace && span.ParentID == got.SpanID {
			names[span.Name] = true
		}
		if strings.Contains(span.Name, "canary") {
			t.Errorf("a span is called %s", span.Name)
		}
		for key, value := range span.Attributes {
			if strings.Contains(value, "canary") || strings.Contains(value, "127.0.0.1") {
				t.Errorf("%s of %s is %s", key, span.Name, value)
			}
		}
	}
	if !names["GetActor"] {
		t.Errorf("the query is not among the spans %v", names)
	}
	insert := collector.Await(t, "CreateUser")
	if !strings.Contains(insert.Attributes["db.query.text"], "INSERT INTO users") {
		t.Errorf("the span of a statement is %+v", insert)
	}
	if line := s.Log.Line(t, "of-a-test"); line["trace_id"] != clientTrace || line["msg"] != "request" {
		t.Errorf("the access log says %v", line)
	}
}

// A collector that accepts connections and never responds delays neither requests nor the stop.
func TestHangingCollector(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	s := start(t, settings(t, pgtest.URL(t), map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + listener.Addr().String(),
	}))
	s.Log.Await(t, "ready")
	for range 10 {
		if status, body := s.get(t, "/health/ready"); status != http.StatusOK {
			t.Errorf("readiness answers %d: %s", status, body)
		}
	}
	s.Stop()
	must(t, s.Outcome(t))
	s.Log.Await(t, "sending the last traces")
}

func TestTracingIsOffIfDisabled(t *testing.T) {
	t.Parallel()
	collector := otlptest.New(t)
	s := start(t, settings(t, pgtest.URL(t), map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_SDK_DISABLED": "true",
	}))
	s.Log.Await(t, "ready")
	_, _ = s.get(t, "/health")
	s.Stop()
	must(t, s.Outcome(t))
	if spans := collector.Spans(); len(spans) > 0 {
		t.Errorf("%d spans arrived", len(spans))
	}
	if strings.Contains(s.Log.String(), "trace_id") {
		t.Error("the log names traces although tracing is off")
	}
}

// The client asks for a record in traceparent. The tests of kit/telemetry have the samplers.
func TestSamplersAreConfigured(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings map[string]string
		recorded bool
	}{
		"by default":      {nil, true},
		"nothing":         {map[string]string{"OTEL_TRACES_SAMPLER": "always_off"}, false},
		"all of a share":  {map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "1"}, true},
		"none of a share": {map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, false},
		"for no client":   {map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_always_off"}, false},
		"for trusted proxies": {
			map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_always_off", "TRUSTED_PROXIES": "127.0.0.0/8"}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := otlptest.New(t)
			changes := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}
			maps.Copy(changes, test.settings)
			s := start(t, settings(t, pgtest.URL(t), changes))
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/health", http.NoBody)
			must(t, err)
			request.Header.Set("traceparent", "00-"+clientTrace+"-b7ad6b7169203331-01")
			if status, body := answer(t, request); status != http.StatusOK {
				t.Errorf("health answers %d: %s", status, body)
			}
			s.Stop() // exports all recorded spans
			must(t, s.Outcome(t))
			if spans := collector.Spans(); len(spans) > 0 != test.recorded {
				t.Errorf("%d spans were recorded", len(spans))
			}
		})
	}
}
