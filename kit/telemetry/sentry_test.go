package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/kit/otlptest"
	"example.com/plinth/kit/telemetry"
)

const patience = 10 * time.Second

// ingest is a fake Sentry that keeps what it receives.
type ingest struct {
	dsn string

	mu     sync.Mutex
	bodies []string
}

func newIngest(t *testing.T) *ingest {
	t.Helper()
	in := &ingest{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/1/envelope/" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.bodies = append(in.bodies, string(body))
	}))
	t.Cleanup(server.Close)
	in.dsn = strings.Replace(server.URL, "://", "://key@", 1) + "/1"
	return in
}

// sentryEvent is the part of Sentry's event format that the tests need.
type sentryEvent struct {
	Type        string            `json:"type"`
	Level       string            `json:"level"`
	Environment string            `json:"environment"`
	Release     string            `json:"release"`
	Transaction string            `json:"transaction"`
	Tags        map[string]string `json:"tags"`
	Contexts    struct {
		Trace struct {
			TraceID string         `json:"trace_id"`
			Status  string         `json:"status"`
			Data    map[string]any `json:"data"`
		} `json:"trace"`
	} `json:"contexts"`
	Exception []struct {
		Type       string `json:"type"`
		Value      string `json:"value"`
		Stacktrace *struct {
			Frames []struct {
				Function string `json:"function"`
			} `json:"frames"`
		} `json:"stacktrace"`
		Mechanism *struct {
			Handled *bool `json:"handled"`
		} `json:"mechanism"`
	} `json:"exception"`
	Request     any `json:"request"`
	User        any `json:"user"`
	Breadcrumbs any `json:"breadcrumbs"`
}

// events returns the events and transactions received: the items of envelopes, which are lines of
// JSON.
func (in *ingest) events(t *testing.T) []sentryEvent {
	t.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	var events []sentryEvent
	for _, body := range in.bodies {
		for l := range strings.SplitSeq(body, "\n") {
			var event sentryEvent
			if strings.Contains(l, `"platform":"go"`) {
				if err := json.Unmarshal([]byte(l), &event); err != nil {
					t.Fatal(err)
				}
				events = append(events, event)
			}
		}
	}
	return events
}

func (in *ingest) raw() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return strings.Join(in.bodies, "\n")
}

// report runs f with a Sentry that reports to a new ingest, and returns the ingest once all reports
// have arrived.
func report(t *testing.T, opts telemetry.SentryOptions, f func(s *telemetry.Sentry)) *ingest {
	t.Helper()
	in := newIngest(t)
	opts.DSN = in.dsn
	s, err := telemetry.NewSentry(opts)
	if err != nil {
		t.Fatal(err)
	}
	f(s)
	if !s.Close(patience) {
		t.Error("the events were not sent in time")
	}
	return in
}

// only returns the only event received.
func (in *ingest) only(t *testing.T) sentryEvent {
	t.Helper()
	events := in.events(t)
	if len(events) != 1 {
		t.Fatalf("want one event, got %d: %s", len(events), in.raw())
	}
	return events[0]
}

func TestCapturedErrorArrives(t *testing.T) {
	t.Parallel()
	opts := telemetry.SentryOptions{Environment: "staging", Release: "1.2.3"}
	event := report(t, opts, func(s *telemetry.Sentry) {
		ctx := telemetry.WithRequestID(t.Context(), "req-1")
		s.Capture(ctx, fmt.Errorf("loading user: %w", io.ErrUnexpectedEOF),
			slog.String("operation", "getUser"), slog.Int("status", 500))
	}).only(t)
	if event.Level != "error" || event.Environment != "staging" || event.Release != "1.2.3" {
		t.Errorf("got %+v", event)
	}
	if event.Tags["request_id"] != "req-1" || event.Tags["operation"] != "getUser" || event.Tags["status"] != "500" {
		t.Errorf("tags: %v", event.Tags)
	}
	outermost := event.Exception[len(event.Exception)-1]
	if outermost.Value != "loading user: unexpected EOF" || event.Exception[0].Value != "unexpected EOF" {
		t.Errorf("exceptions: %+v", event.Exception)
	}
	if outermost.Stacktrace != nil {
		t.Error("the error has the stack of the reporter")
	}
}

// stackError is an error with a stack.
type stackError struct{ pcs []uintptr }

func (*stackError) Error() string           { return "with a stack" }
func (e *stackError) StackTrace() []uintptr { return e.pcs }

func TestErrorKeepsItsStack(t *testing.T) {
	t.Parallel()
	event := report(t, telemetry.SentryOptions{}, func(s *telemetry.Sentry) {
		pcs := make([]uintptr, 10)
		s.Capture(t.Context(), &stackError{pcs: pcs[:runtime.Callers(1, pcs)]})
	}).only(t)
	if stack := event.Exception[0].Stacktrace; stack == nil || len(stack.Frames) == 0 {
		t.Errorf("got %+v", event.Exception)
	}
}

func divide(t *testing.T, a, b int) {
	t.Helper()
	t.Errorf("%d / %d = %d", a, b, a/b)
}

// recovering calls f and reports its panic as a middleware does.
func recovering(ctx context.Context, s *telemetry.Sentry, f func()) {
	defer func() {
		recovered := recover()
		pcs := make([]uintptr, 64)
		s.CapturePanic(ctx, recovered, pcs[:runtime.Callers(1, pcs)], slog.String("operation", "divide"))
	}()
	f()
}

func TestPanicHasTheStackOfItsCause(t *testing.T) {
	t.Parallel()
	event := report(t, telemetry.SentryOptions{}, func(s *telemetry.Sentry) {
		recovering(telemetry.WithRequestID(t.Context(), "req-2"), s, func() { divide(t, 1, 0) })
	}).only(t)
	if event.Level != "fatal" || event.Tags["request_id"] != "req-2" || event.Tags["operation"] != "divide" {
		t.Errorf("got %+v", event)
	}
	exception := event.Exception[0]
	if !strings.HasPrefix(exception.Type, "panic: runtime.") || !strings.Contains(exception.Value, "divide by zero") {
		t.Errorf("got %s: %s", exception.Type, exception.Value)
	}
	if handled := exception.Mechanism.Handled; handled == nil || *handled {
		t.Error("the panic is marked as handled")
	}
	frames := exception.Stacktrace.Frames
	if last := frames[len(frames)-1].Function; last != "divide" {
		t.Errorf("the innermost frame is %s", last)
	}
	for _, frame := range frames {
		if strings.Contains(frame.Function, "CapturePanic") || strings.HasPrefix(frame.Function, "recovering.func") {
			t.Errorf("the frame %s belongs to the recovery", frame.Function)
		}
	}
}

func TestPanicWithoutAStackArrives(t *testing.T) {
	t.Parallel()
	event := report(t, telemetry.SentryOptions{}, func(s *telemetry.Sentry) {
		s.CapturePanic(t.Context(), "out of cheese", nil)
		s.CapturePanic(t.Context(), nil, nil)
	}).only(t)
	if event.Exception[0].Value != "out of cheese" || event.Exception[0].Type != "panic: string" {
		t.Errorf("got %+v", event.Exception)
	}
}

func TestNothingPersonalLeaves(t *testing.T) {
	t.Parallel()
	in := report(t, telemetry.SentryOptions{TracesSampleRate: 1}, func(s *telemetry.Sentry) {
		ctx, end := s.StartRequest(t.Context(), http.MethodPost, "/login")
		s.Capture(ctx, fmt.Errorf("signing in: %w", errors.Join(
			errors.New("connecting to postgres://app:canary@db/plinth"),
			errors.New("no user canary@example.com"),
			errors.New("sent Bearer canary0123456789abcdef"),
		)), slog.String("access_token", "canary"), slog.String("detail", "rt_canary0123456789abcdefghij"),
			slog.Group("request", slog.String("cookie", "canary")))
		s.CapturePanic(ctx, strings.Replace(jwt, "c2ln", "canary", 1), nil)
		s.CapturePanic(ctx, errors.New("password=canary"), nil)
		end(http.StatusInternalServerError)
	})
	events := in.events(t)
	if len(events) != 4 {
		t.Fatalf("want 4 events, got %d", len(events))
	}
	if strings.Contains(in.raw(), "canary") {
		t.Errorf("a secret was sent: %s", in.raw())
	}
	for _, event := range events {
		if event.Request != nil || event.Breadcrumbs != nil || fmt.Sprint(event.User) != "map[]" && event.User != nil {
			t.Errorf("got a request %v, a user %v, breadcrumbs %v", event.Request, event.User, event.Breadcrumbs)
		}
	}
	if !strings.Contains(in.raw(), "connecting to postgres://[redacted]@db/plinth") {
		t.Error("the redaction removed more than the secret")
	}
}

func TestTraceOfARequest(t *testing.T) {
	t.Parallel()
	in := report(t, telemetry.SentryOptions{TracesSampleRate: 1}, func(s *telemetry.Sentry) {
		ctx, end := s.StartRequest(telemetry.WithRequestID(t.Context(), "req-3"), http.MethodGet, "/users/{id}")
		s.Capture(ctx, io.ErrUnexpectedEOF)
		end(http.StatusServiceUnavailable)
	})
	var trace, failure sentryEvent
	for _, event := range in.events(t) {
		if event.Type == "transaction" {
			trace = event
		} else {
			failure = event
		}
	}
	if trace.Transaction != "GET /users/{id}" || trace.Contexts.Trace.Status != "unavailable" ||
		trace.Contexts.Trace.Data["http.response.status_code"] != 503.0 || trace.Tags["request_id"] != "req-3" {
		t.Errorf("trace: %+v", trace)
	}
	if failure.Contexts.Trace.TraceID == "" || failure.Contexts.Trace.TraceID != trace.Contexts.Trace.TraceID {
		t.Errorf("the error has trace %q, the request %q", failure.Contexts.Trace.TraceID, trace.Contexts.Trace.TraceID)
	}
	if failure.Tags["trace_id"] != trace.Contexts.Trace.TraceID {
		t.Errorf("the error is tagged with the trace %q", failure.Tags["trace_id"])
	}
}

func TestReportsAndLogsNameTheTrace(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 1} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			t.Parallel()
			tracing := newTracing(t, exportTo(otlptest.New(t)))
			var logged map[string]any
			in := report(t, telemetry.SentryOptions{TracesSampleRate: rate}, func(s *telemetry.Sentry) {
				ctx := telemetry.WithRequestID(t.Context(), "req-4")
				ctx, finish := tracing.StartRequest(
					ctx,
					telemetry.TracedRequest{Operation: "getThing", Header: traceparent(true)},
				)
				ctx, end := s.StartRequest(ctx, http.MethodGet, "/things/:id")
				s.Capture(ctx, io.ErrUnexpectedEOF)
				logged = line(t, func(l *slog.Logger) { l.WithGroup("g").InfoContext(ctx, "failed", slog.Int("n", 1)) })
				end(http.StatusInternalServerError)
				finish(http.StatusInternalServerError)
			})
			if logged["trace_id"] != clientTrace || logged["request_id"] != "req-4" {
				t.Errorf("the line is %v", logged)
			}
			for _, event := range in.events(t) {
				if event.Type == "transaction" && event.Contexts.Trace.TraceID != clientTrace {
					t.Errorf("Sentry's trace is %s", event.Contexts.Trace.TraceID)
				}
				if event.Type != "transaction" &&
					(event.Tags["trace_id"] != clientTrace || event.Tags["request_id"] != "req-4") {
					t.Errorf("the report has the tags %v", event.Tags)
				}
			}
			if want := 1 + int(rate); len(in.events(t)) != want {
				t.Errorf("%d events, want %d", len(in.events(t)), want)
			}
		})
	}
}

func TestSampling(t *testing.T) {
	t.Parallel()
	const requests = 400
	// At a rate of one half, fewer than 100 or more than 300 of 400 happen once in 10^23 runs.
	for rate, want := range map[float64]struct{ lowest, highest int }{0: {0, 0}, 0.5: {100, 300}, 1: {400, 400}} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			t.Parallel()
			in := report(t, telemetry.SentryOptions{TracesSampleRate: rate}, func(s *telemetry.Sentry) {
				for range requests {
					_, end := s.StartRequest(t.Context(), http.MethodGet, "/health")
					end(http.StatusNotFound) // is traced like any other status
				}
			})
			if got := len(in.events(t)); got < want.lowest || got > want.highest {
				t.Errorf("got %d traces of %d requests, want %d to %d", got, requests, want.lowest, want.highest)
			}
			if sent := fmt.Sprintf(`"sample_rate":"%g"`, rate); rate > 0 && !strings.Contains(in.raw(), sent) {
				t.Errorf("the sample rate, from which Sentry extrapolates, is missing: want %s", sent)
			}
		})
	}
}

func TestRequestsWithoutARouteAreNotTraced(t *testing.T) {
	t.Parallel()
	in := report(t, telemetry.SentryOptions{TracesSampleRate: 1}, func(s *telemetry.Sentry) {
		_, end := s.StartRequest(t.Context(), http.MethodGet, "")
		end(http.StatusNotFound)
	})
	if events := in.events(t); len(events) != 0 {
		t.Errorf("got %+v", events)
	}
}

func TestWithoutDSNNothingHappens(t *testing.T) {
	t.Parallel()
	s, err := telemetry.NewSentry(telemetry.SentryOptions{TracesSampleRate: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := s.StartRequest(t.Context(), http.MethodGet, "/health")
	s.Capture(ctx, io.EOF)
	s.CapturePanic(ctx, "x", nil)
	end(http.StatusOK)
	if ctx != t.Context() {
		t.Error("a request is traced")
	}
	if !s.Flush(0) || !s.Close(0) {
		t.Error("Flush fails")
	}
}

func TestMalformedDSNIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"https://canary@", "canary", "https://canary:x y@host/%zz"} {
		_, err := telemetry.NewSentry(telemetry.SentryOptions{DSN: dsn})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestFlushTimesOutWhileSentryHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	s, err := telemetry.NewSentry(telemetry.SentryOptions{DSN: strings.Replace(server.URL, "://", "://key@", 1) + "/1"})
	if err != nil {
		t.Fatal(err)
	}
	s.Capture(t.Context(), io.EOF)
	if s.Flush(50 * time.Millisecond) {
		t.Error("Flush succeeds although the event was not received")
	}
	close(release)
	if !s.Close(patience) {
		t.Error("the event was not sent after the hang")
	}
}
