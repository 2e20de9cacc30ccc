package settings_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/plinth/kit/settings"
)

type tracingTable struct {
	Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production" oneof:"development staging production"`
	Tracing     settings.Tracing
	settings.Report
}

func loadTracing(environ map[string]string) (table tracingTable, err error) {
	r, err := settings.Read(&table, environ, settings.Options{})
	if err != nil {
		return tracingTable{}, err
	}
	table.Tracing.Resolve(r)
	table.Report, err = r.Report()
	return table, err
}

func mustLoadTracing(t *testing.T, environ map[string]string) tracingTable {
	t.Helper()
	table, err := loadTracing(environ)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestTracingNeedsAnEndpointOrAnExporter(t *testing.T) {
	t.Parallel()
	const (
		exporter              = "OTEL_TRACES_EXPORTER"
		endpoint, own         = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
		protocol, ownProtocol = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	)
	for name, test := range map[string]struct {
		set  map[string]string
		want string // the endpoint, empty if it is off
	}{
		"nothing":            {nil, ""},
		"a sampler":          {map[string]string{"OTEL_TRACES_SAMPLER": "always_on"}, ""},
		"an endpoint":        {map[string]string{endpoint: "http://collector:4318"}, "http://collector:4318/v1/traces"},
		"an endpoint, slash": {map[string]string{endpoint: "http://collector/otlp/"}, "http://collector/otlp/v1/traces"},
		"one for traces":     {map[string]string{own: "https://collector/x"}, "https://collector/x"},
		"both":               {map[string]string{own: "https://own/x", endpoint: "https://general"}, "https://own/x"},
		"the exporter":       {map[string]string{exporter: "otlp"}, "http://localhost:4318/v1/traces"},
		"HTTP": {
			map[string]string{exporter: "otlp", protocol: "http/protobuf", ownProtocol: "http/protobuf"},
			"http://localhost:4318/v1/traces",
		},
		"HTTP for traces": {
			map[string]string{exporter: "otlp", protocol: "grpc", ownProtocol: "http/protobuf"},
			"http://localhost:4318/v1/traces",
		},
		"no exporter":           {map[string]string{endpoint: "http://collector:4318", exporter: "none"}, ""},
		"disabled":              {map[string]string{endpoint: "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, ""},
		"disabled, in capitals": {map[string]string{exporter: "otlp", "OTEL_SDK_DISABLED": "TRUE"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustLoadTracing(t, test.set).Tracing
			if got.Enabled != (test.want != "") || (got.Enabled && got.Endpoint.Reveal() != test.want) {
				t.Errorf("enabled: %t, endpoint %s, want %q", got.Enabled, got.Endpoint, test.want)
			}
		})
	}
}

func TestTracingRefusesGRPC(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		_, err := loadTracing(map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", name: "grpc"})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "4318") {
			t.Errorf("got %v, want an error with %s and the port of HTTP", err, name)
		}
	}
}

func TestTracingPairs(t *testing.T) {
	t.Parallel()
	table := mustLoadTracing(t, map[string]string{
		"OTEL_RESOURCE_ATTRIBUTES": "team=blue, k8s.pod.name=a%2Cb ,empty=", "OTEL_SERVICE_NAME": "orders",
		"OTEL_EXPORTER_OTLP_HEADERS": "api-key=canary-key%3D",
	})
	if got := fmt.Sprint(table.Tracing.ResourceAttributes); got != "map[empty: k8s.pod.name:a,b team:blue]" {
		t.Errorf("the attributes are %s", got)
	}
	if table.Tracing.ServiceName != "orders" || table.Tracing.Headers["api-key"].Reveal() != "canary-key=" {
		t.Errorf("got %+v", table.Tracing)
	}
	if text := fmt.Sprintf("%+v %#v %v", table, table, table.Settings()); strings.Contains(text, "canary") {
		t.Errorf("a header is printed: %s", text)
	}
	// Headers of traces take the place of the general ones.
	table = mustLoadTracing(t, map[string]string{
		"OTEL_EXPORTER_OTLP_HEADERS": "a=1,b=2", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "c=3",
	})
	if len(table.Tracing.Headers) != 1 || table.Tracing.Headers["c"].Reveal() != "3" {
		t.Errorf("got %d headers", len(table.Tracing.Headers))
	}
}
