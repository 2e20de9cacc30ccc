package otlptest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a received span. Ids are hexadecimal; values are formatted as text.
type Span struct {
	Name       string
	TraceID    string
	SpanID     string
	ParentID   string // empty for the root of a trace
	Kind       string
	Status     string // UNSET, OK or ERROR, followed by the description, if any
	Attributes map[string]string
	Events     []string          // attributes of events, as key=value
	Resource   map[string]string // attributes of the resource
	Headers    map[string]string // headers of the request, with names in lower case
}

// Collector receives spans. Its methods are safe for concurrent use.
type Collector struct {
	// URL is the base URL; spans are received at URL + "/v1/traces".
	URL string

	mu    sync.Mutex
	spans []Span
}

// New starts a collector, which is closed when the test ends.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(http.HandlerFunc(c.serveHTTP))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Spans returns the spans received so far.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Await waits for a span with the given name and returns the first one. The test fails after a
// minute.
func (c *Collector) Await(t testing.TB, name string) Span {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		for _, span := range c.Spans() {
			if span.Name == name {
				return span
			}
		}
		select {
		case <-timeout:
			t.Fatalf("no span %s among %d spans", name, len(c.Spans()))
		default:
			runtime.Gosched()
		}
	}
}

func (c *Collector) serveHTTP(w http.ResponseWriter, r *http.Request) {
	// On the wire TracesData is an ExportTraceServiceRequest, whose Go package imports gRPC.
	message := &trace.TracesData{}
	if r.URL.Path != "/v1/traces" || decode(r, message) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	for _, spans := range message.GetResourceSpans() {
		c.keep(spans, headers)
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func decode(r *http.Request, message proto.Message) error {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			return err
		}
	}
	encoded, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	return proto.Unmarshal(encoded, message)
}

func (c *Collector) keep(received *trace.ResourceSpans, headers map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	resource := texts(received.GetResource().GetAttributes())
	for _, scope := range received.GetScopeSpans() {
		for _, span := range scope.GetSpans() {
			c.spans = append(c.spans, newSpan(span, resource, headers))
		}
	}
}

func newSpan(span *trace.Span, resource, headers map[string]string) Span {
	status := strings.TrimPrefix(span.GetStatus().GetCode().String(), "STATUS_CODE_")
	kept := Span{
		Name:       span.GetName(),
		TraceID:    hex.EncodeToString(span.GetTraceId()),
		SpanID:     hex.EncodeToString(span.GetSpanId()),
		ParentID:   hex.EncodeToString(span.GetParentSpanId()),
		Kind:       strings.TrimPrefix(span.GetKind().String(), "SPAN_KIND_"),
		Status:     strings.TrimSpace(status + " " + span.GetStatus().GetMessage()),
		Attributes: texts(span.GetAttributes()),
		Resource:   maps.Clone(resource),
		Headers:    maps.Clone(headers),
	}
	for _, event := range span.GetEvents() {
		for key, value := range texts(event.GetAttributes()) {
			kept.Events = append(kept.Events, key+"="+value)
		}
	}
	return kept
}

func texts(attributes []*common.KeyValue) map[string]string {
	found := map[string]string{}
	for _, a := range attributes {
		text := a.GetValue().GetStringValue()
		if _, isText := a.GetValue().GetValue().(*common.AnyValue_StringValue); !isText {
			_, text, _ = strings.Cut(a.GetValue().String(), ":") // int_value:200
		}
		found[a.GetKey()] = text
	}
	return found
}
