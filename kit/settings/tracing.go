package settings

import (
	"cmp"
	"strings"
)

// Tracing is a part of a table: the standard variables of OpenTelemetry that decide which traces are
// exported, and where to. A table has it as a field, and calls [Tracing.Resolve] after [Read].
//
// Source: OpenTelemetry Environment Variable Specification and OTLP Exporter Configuration.
type Tracing struct {
	// true disables tracing, whatever else is set. The standard variables for queues and limits
	// (`OTEL_BSP_*`, `OTEL_SPAN_*`) work too, but not from .env; SSL_CERT_FILE replaces the
	// certificate authorities of the system for the collector.
	Disabled bool `envconfig:"OTEL_SDK_DISABLED" default:"false" section:"Traces (OpenTelemetry)"`
	// The name of the service in traces. Empty means that of the application.
	ServiceName string `envconfig:"OTEL_SERVICE_NAME"`
	// Further attributes of this process. Example: k8s.namespace.name=orders,team=blue
	ResourceAttributes map[string]string `envconfig:"OTEL_RESOURCE_ATTRIBUTES"`
	// Where traces go. The default is otlp if an endpoint is set.
	Exporter string `envconfig:"OTEL_TRACES_EXPORTER" default:"none" oneof:"otlp none"`
	// The collector; /v1/traces is appended. With otlp and no endpoint it is http://localhost:4318.
	OTLPEndpoint URL `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT" kind:"endpoint"`
	// The collector of traces, used as it is. It overrides OTEL_EXPORTER_OTLP_ENDPOINT.
	TracesEndpoint URL `envconfig:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" kind:"endpoint"`
	// Only http/protobuf is supported, which collectors serve at port 4318; gRPC is not.
	Protocol string `envconfig:"OTEL_EXPORTER_OTLP_PROTOCOL" default:"http/protobuf"`
	// The same for traces. It overrides OTEL_EXPORTER_OTLP_PROTOCOL.
	TracesProtocol string `envconfig:"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"`
	// Headers to send along, often a key. Example: api-key=s3cr3t
	OTLPHeaders map[string]Secret `envconfig:"OTEL_EXPORTER_OTLP_HEADERS"`
	// The same for traces. It overrides OTEL_EXPORTER_OTLP_HEADERS.
	TracesHeaders map[string]Secret `envconfig:"OTEL_EXPORTER_OTLP_TRACES_HEADERS"`
	// Which requests are recorded. With parentbased_, requests that the caller does not record are
	// not recorded here either; only callers in TRUSTED_PROXIES can cause more to be recorded.
	Sampler string `envconfig:"OTEL_TRACES_SAMPLER" default:"parentbased_always_on" oneof:"always_on always_off traceidratio parentbased_always_on parentbased_always_off parentbased_traceidratio"`
	// The share of requests that the samplers with a ratio record.
	SamplerRatio float64 `envconfig:"OTEL_TRACES_SAMPLER_ARG" default:"1" range:"0..1"`

	// Enabled reports whether traces are exported.
	Enabled bool
	// Endpoint is the full URL that spans are sent to.
	Endpoint URL
	// Headers are sent along.
	Headers map[string]Secret
}

// Resolve reports a protocol that is not supported, and sets the fields that are no rows. Another
// protocol for all signals is fine if traces override it.
func (t *Tracing) Resolve(r *Reader) {
	const supported = "http/protobuf"
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if text := r.Text(name); text != "" && text != supported && t.TracesProtocol != supported {
			r.Wrong(name, supported+", which collectors serve at port 4318 (gRPC is not supported)")
		}
	}
	t.Endpoint, t.Headers = t.TracesEndpoint, t.TracesHeaders
	if t.TracesEndpoint.IsSet() || t.OTLPEndpoint.IsSet() {
		r.Default("OTEL_TRACES_EXPORTER", "otlp")
	}
	if !t.TracesEndpoint.IsSet() {
		collector := cmp.Or(t.OTLPEndpoint.Reveal(), "http://localhost:4318")
		t.Endpoint = NewURL(strings.TrimSuffix(collector, "/") + "/v1/traces")
	}
	if len(t.Headers) == 0 {
		t.Headers = t.OTLPHeaders
	}
	t.Enabled = !t.Disabled && t.Exporter == "otlp"
}
