// Package otlptest is a collector of OpenTelemetry in the process of a test: it takes spans by OTLP and keeps them, so that
// a test sees what really leaves.
package otlptest

import (
	"context"
	"encoding/hex"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// Span is what arrived of a span. Ids are hexadecimal, values are written as text.
type Span struct {
	Name       string
	TraceID    string
	SpanID     string
	ParentID   string // empty for the first span of a trace
	Kind       string
	Status     string // UNSET, OK or ERROR, and the description if there is one
	Attributes map[string]string
	Events     []string          // their attributes, key=value
	Resource   map[string]string // whose span it is
	Headers    map[string]string // what came along, in lower case
}

// Collector takes spans. It may be used at the same time by many.
type Collector struct {
	collector.UnimplementedTraceServiceServer

	// URL is where it listens.
	URL string

	mu    sync.Mutex
	spans []Span
}

// New starts a collector that speaks OTLP over HTTP.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(http.HandlerFunc(c.serveHTTP))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// NewGRPC starts a collector that speaks OTLP over gRPC.
func NewGRPC(t testing.TB) *Collector {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Collector{URL: "http://" + listener.Addr().String()}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return c
}

// Spans returns what has arrived so far.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Await returns the first span of that name, and waits for it.
func (c *Collector) Await(t testing.TB, name string) Span {
	t.Helper()
	overdue := time.After(time.Minute)
	for {
		for _, span := range c.Spans() {
			if span.Name == name {
				return span
			}
		}
		select {
		case <-overdue:
			t.Fatalf("no span %s arrived, but %d others", name, len(c.Spans()))
		default:
			runtime.Gosched()
		}
	}
}

func (c *Collector) serveHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	request := &collector.ExportTraceServiceRequest{}
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	c.keep(request, headers)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// Export implements collector.TraceServiceServer.
func (c *Collector) Export(
	ctx context.Context, request *collector.ExportTraceServiceRequest,
) (*collector.ExportTraceServiceResponse, error) {
	headers := map[string]string{}
	if sent, ok := metadata.FromIncomingContext(ctx); ok {
		for name, values := range sent {
			headers[name] = strings.Join(values, ",")
		}
	}
	c.keep(request, headers)
	return &collector.ExportTraceServiceResponse{}, nil
}

func (c *Collector) keep(request *collector.ExportTraceServiceRequest, headers map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ofProcess := range request.GetResourceSpans() {
		for _, ofLibrary := range ofProcess.GetScopeSpans() {
			for _, span := range ofLibrary.GetSpans() {
				kept := Span{
					Name:       span.GetName(),
					TraceID:    hex.EncodeToString(span.GetTraceId()),
					SpanID:     hex.EncodeToString(span.GetSpanId()),
					ParentID:   hex.EncodeToString(span.GetParentSpanId()),
					Kind:       strings.TrimPrefix(span.GetKind().String(), "SPAN_KIND_"),
					Status:     strings.TrimPrefix(span.GetStatus().GetCode().String(), "STATUS_CODE_"),
					Attributes: texts(span.GetAttributes()),
					Resource:   texts(ofProcess.GetResource().GetAttributes()),
					Headers:    maps.Clone(headers),
				}
				kept.Status = strings.TrimSpace(kept.Status + " " + span.GetStatus().GetMessage())
				for _, event := range span.GetEvents() {
					for key, value := range texts(event.GetAttributes()) {
						kept.Events = append(kept.Events, key+"="+value)
					}
				}
				c.spans = append(c.spans, kept)
			}
		}
	}
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
