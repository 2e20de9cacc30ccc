package config

import (
	"net/url"
	"strings"
	"unicode"
)

// Tracing holds the settings of OpenTelemetry, under the names that its specification gives them.
type Tracing struct {
	// Enabled says whether traces are exported; without it the rest does not matter.
	Enabled bool
	// ServiceName is empty where APP_NAME will do.
	ServiceName string
	// ResourceAttributes describe the process further.
	ResourceAttributes map[string]string
	// Endpoint is the full URL that spans are sent to, by OTLP over HTTP.
	Endpoint URL
	// Headers go along with what is sent, and often hold a key.
	Headers map[string]Secret
	// Sampler is one of OpenTelemetry's names, SamplerRatio the share that the samplers with a ratio keep.
	Sampler      string
	SamplerRatio float64
}

// Where collectors listen.
const (
	defaultEndpoint = "http://localhost:4318"
	tracesPath      = "/v1/traces"
)

// tracing reads the settings that decide what is exported, and where to. As the specification wants it, what is set for
// traces alone wins, and the general endpoint gets the path of traces appended.
func (p *parser) tracing() Tracing {
	t := Tracing{
		ServiceName: p.get("OTEL_SERVICE_NAME").text,
		Sampler: p.oneOf("OTEL_TRACES_SAMPLER", "always_on", "always_off", "traceidratio",
			"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"),
		SamplerRatio:       p.fraction("OTEL_TRACES_SAMPLER_ARG"),
		ResourceAttributes: p.pairs("OTEL_RESOURCE_ATTRIBUTES"),
		Headers:            p.headers(),
	}
	general, own := p.endpoint("OTEL_EXPORTER_OTLP_ENDPOINT"), p.endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	p.checkProtocol()
	t.Endpoint = NewURL(tracesEndpoint(general, own))
	standard := "none"
	if general != "" || own != "" {
		standard = "otlp"
	}
	p.otherwise("OTEL_TRACES_EXPORTER", standard)
	exporter := p.oneOf("OTEL_TRACES_EXPORTER", "otlp", "none")
	t.Enabled = !p.boolean("OTEL_SDK_DISABLED", false) && exporter == "otlp"
	return t
}

func tracesEndpoint(general, own string) string {
	switch {
	case own != "":
		return own
	case general == "":
		return defaultEndpoint + tracesPath
	default:
		return strings.TrimSuffix(general, "/") + tracesPath
	}
}

// checkProtocol refuses gRPC.
func (p *parser) checkProtocol() {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if v := p.get(name); v.text != "" && v.text != "http/protobuf" {
			p.wrong(v, "want http/protobuf; gRPC is not supported, collectors take HTTP on port 4318")
		}
	}
}

// headers go along with spans.
func (p *parser) headers() map[string]Secret {
	headers, own := p.pairs("OTEL_EXPORTER_OTLP_HEADERS"), p.pairs("OTEL_EXPORTER_OTLP_TRACES_HEADERS")
	if len(own) > 0 {
		headers = own
	}
	secret := map[string]Secret{}
	for name, value := range headers {
		secret[name] = NewSecret(value)
	}
	return secret
}

// endpoint reads the URL of a collector.
func (p *parser) endpoint(name string) string {
	v := p.get(name)
	if v.text == "" {
		return ""
	}
	u, err := url.Parse(v.text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		(u.Port() != "" && !isPort(u.Port())) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		p.wrong(v, "want a URL such as "+defaultEndpoint+", with credentials in OTEL_EXPORTER_OTLP_HEADERS")
	}
	return v.text
}

// pairs reads key=value pairs, separated by commas, with percent-encoded values (W3C Baggage).
func (p *parser) pairs(name string) map[string]string {
	v := p.get(name)
	found := map[string]string{}
	if strings.TrimSpace(v.text) == "" {
		return found
	}
	for pair := range strings.SplitSeq(v.text, ",") {
		key, text, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(text))
		if key = strings.TrimSpace(key); !ok || key == "" || err != nil || strings.ContainsFunc(value, unicode.IsControl) {
			p.wrong(v, "want key=value pairs, separated by commas, with values percent-encoded")
			return found
		}
		found[key] = value
	}
	return found
}
