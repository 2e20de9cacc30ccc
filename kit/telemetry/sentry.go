package telemetry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
	"go.opentelemetry.io/otel/trace"
)

// SentryOptions configures [NewSentry]. The zero value reports nothing.
type SentryOptions struct {
	// DSN is where reports are sent; empty reports nothing.
	DSN string
	// Environment and Release are attached to each report.
	Environment string
	Release     string
	// TracesSampleRate is the share of requests that [Sentry.StartRequest] traces, from 0 to 1.
	TracesSampleRate float64
}

// Sentry reports errors, panics and traces, in the background and without personal data: no
// headers, cookies, bodies, addresses or users, and texts without credentials, tokens and e-mail
// addresses. Its methods never block on the network and are safe for concurrent use. It does not
// use the global hub of the SDK.
type Sentry struct {
	client    *sentry.Client
	transport *http.Transport
	tracing   bool
}

// NewSentry returns a Sentry that reports to opts.DSN. The error of a malformed DSN does not quote
// the DSN, which is a secret.
func NewSentry(opts SentryOptions) (*Sentry, error) {
	if opts.DSN == "" {
		return &Sentry{client: sentry.NewNoopClient(), transport: &http.Transport{}}, nil
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: opts.DSN,
		// If these are empty, the SDK reads other environment variables and runs git.
		Environment:      cmp.Or(opts.Environment, "unknown"),
		Release:          cmp.Or(opts.Release, "unknown"),
		EnableTracing:    opts.TracesSampleRate > 0,
		TracesSampleRate: opts.TracesSampleRate,
		// nil would drop the traces of every 404.
		TraceIgnoreStatusCodes: [][]int{},
		DataCollection:         collectNothing(),
		BeforeSend:             removePersonalData,
		BeforeSendTransaction:  removePersonalData,
		Integrations:           withoutEnvironmentVariables,
		// The timeout bounds Close while Sentry is unreachable.
		HTTPClient: &http.Client{Transport: transport, Timeout: 5 * time.Second},
	})
	if err != nil {
		return nil, errors.New("setting up Sentry: the DSN is malformed")
	}
	return &Sentry{client: client, transport: transport, tracing: opts.TracesSampleRate > 0}, nil
}

// Capture reports err with the request id of ctx; attrs, redacted as in logs, become tags. The
// stack is err's, if err has a method StackTrace() []uintptr.
func (s *Sentry) Capture(ctx context.Context, err error, attrs ...slog.Attr) {
	if !s.client.IsEnabled() || err == nil {
		return
	}
	event := s.client.EventFromException(err, sentry.LevelError)
	if outermost := len(event.Exception) - 1; sentry.ExtractStacktrace(err) == nil {
		// The SDK took the stack of this call, which is the same for all errors and would put them
		// into one group.
		event.Exception[outermost].Stacktrace = nil
	}
	s.send(ctx, event, attrs)
}

// CapturePanic reports a recovered panic like Capture. stack holds the program counters that
// [runtime.Callers] returns in the deferred function that recovered. Frames above the panic are
// left out.
func (s *Sentry) CapturePanic(ctx context.Context, recovered any, stack []uintptr, attrs ...slog.Attr) {
	if !s.client.IsEnabled() || recovered == nil {
		return
	}
	event := sentry.NewEvent()
	event.Level = sentry.LevelFatal
	mechanism := &sentry.Mechanism{Type: "panic"}
	mechanism.SetUnhandled()
	event.Exception = []sentry.Exception{{
		Type:       fmt.Sprintf("panic: %T", recovered),
		Value:      fmt.Sprint(recovered),
		Mechanism:  mechanism,
		Stacktrace: panicStack(stack),
	}}
	s.send(ctx, event, attrs)
}

// Traces reports whether StartRequest traces anything.
func (s *Sentry) Traces() bool { return s.tracing }

// StartRequest starts the trace of a request. It returns a context that links errors to the trace,
// and a function to call with the status when the request ends. route is the pattern of the path
// (/users/{id}), never the path itself; requests without a route are not traced. The trace
// continues OpenTelemetry's, if there is one. It ignores Sentry's own trace headers, with which
// clients could decide how much is traced.
func (s *Sentry) StartRequest(ctx context.Context, method, route string) (context.Context, func(status int)) {
	if !s.tracing || route == "" {
		return ctx, func(int) {}
	}
	ctx = sentry.SetHubOnContext(ctx, sentry.NewHub(s.client, sentry.NewScope()))
	options := []sentry.SpanOption{
		sentry.WithTransactionName(method + " " + route), sentry.WithTransactionSource(sentry.SourceRoute),
	}
	if parent := trace.SpanContextFromContext(ctx); parent.IsValid() { // the same trace in both systems
		options = append(options, sentry.ContinueFromTrace(parent.TraceID().String()+"-"+parent.SpanID().String()))
	}
	span := sentry.StartSpan(ctx, "http.server", options...)
	return span.Context(), func(status int) {
		span.Status = sentry.HTTPtoSpanStatus(status)
		span.SetData("http.request.method", method)
		span.SetData("http.response.status_code", status)
		if id := RequestID(ctx); id != "" {
			span.SetTag("request_id", id)
		}
		span.Finish()
	}
}

// Flush sends pending reports for at most timeout, and reports whether it sent all of them.
func (s *Sentry) Flush(timeout time.Duration) bool {
	return !s.client.IsEnabled() || s.client.Flush(timeout)
}

// Close flushes, and stops the background work. Later reports are lost.
func (s *Sentry) Close(timeout time.Duration) bool {
	flushed := s.Flush(timeout)
	s.client.Close()
	s.transport.CloseIdleConnections()
	return flushed
}

// send adds the ids of ctx and attrs to an event, and sends it.
func (s *Sentry) send(ctx context.Context, event *sentry.Event, attrs []slog.Attr) {
	scope := sentry.NewScope()
	if hub := sentry.GetHubFromContext(ctx); hub != nil {
		scope = hub.Scope().Clone() // links the event to the trace
	}
	if id := RequestID(ctx); id != "" {
		scope.SetTag("request_id", id)
	}
	if id := TraceID(ctx); id != "" {
		scope.SetTag("trace_id", id)
	}
	for _, a := range attrs {
		a, _ = redactAttr(a)
		scope.SetTag(a.Key, a.Value.Resolve().String())
	}
	s.client.CaptureEvent(event, nil, scope)
}

// sentryTraceID returns the id of the trace that StartRequest started, or "".
func sentryTraceID(ctx context.Context) string {
	if span := sentry.SpanFromContext(ctx); span != nil {
		return span.TraceID.String()
	}
	return ""
}

// panicStack converts program counters, innermost first, to the stack of the code that panicked.
func panicStack(pcs []uintptr) *sentry.Stacktrace {
	if len(pcs) == 0 {
		return nil
	}
	var stack []sentry.Frame
	frames := runtime.CallersFrames(pcs)
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			stack = nil // the frames so far belong to the recovery
		case frame.Function != "" && !strings.HasPrefix(frame.Function, "runtime."):
			stack = append(stack, sentry.NewFrame(frame))
		}
		if !more {
			break
		}
	}
	slices.Reverse(stack)
	return &sentry.Stacktrace{Frames: stack}
}

// removePersonalData redacts an event before it is sent.
func removePersonalData(event *sentry.Event, _ *sentry.EventHint) *sentry.Event {
	event.Request = nil
	event.User = sentry.User{}
	event.Breadcrumbs = nil
	event.Message = Redact(event.Message)
	for i := range event.Exception {
		event.Exception[i].Value = Redact(event.Exception[i].Value)
	}
	return event
}

// collectNothing disables the collection of requests and users by the SDK.
func collectNothing() *sentry.DataCollection {
	off := &sentry.KeyValueCollectionBehavior{Mode: sentry.CollectionOff}
	return &sentry.DataCollection{
		UserInfo:    sentry.Set(false),
		Cookies:     off,
		HTTPHeaders: &sentry.HeaderCollectionConfig{Request: off, Response: off},
		HTTPBodies:  []sentry.BodyType{},
		QueryParams: off,
	}
}

// withoutEnvironmentVariables removes the integration that makes tags of environment variables.
func withoutEnvironmentVariables(integrations []sentry.Integration) []sentry.Integration {
	return slices.DeleteFunc(integrations, func(i sentry.Integration) bool { return i.Name() == "GlobalTags" })
}
