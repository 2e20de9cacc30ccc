package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/telemetry"
)

func newMetrics() *telemetry.Metrics {
	return telemetry.NewMetrics(telemetry.MetricsOptions{Service: "Orders", Version: "v1.2.3", Environment: "staging"})
}

// scrape returns the metrics in the text format.
func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	return scrapeAs(t, m, "text/plain")
}

func scrapeAs(t *testing.T, m *telemetry.Metrics, format string) string {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
	request.Header.Set("Accept", format)
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("%s is missing in\n%s", line, text)
		}
	}
}

func TestRequestsAreCountedByOperationAndStatus(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	requests := m.Requests("getThing", http.StatusInternalServerError)
	requests.Began()
	requests.Began()
	wantLines(t, scrape(t, m),
		`http_server_active_requests 2`,
		`http_server_request_duration_seconds_count{operation="getThing",status="500"} 0`)
	requests.Ended(t.Context(), http.StatusOK, 3*time.Millisecond)
	requests.Ended(t.Context(), 4711, time.Second) // not a status
	wantLines(t, scrape(t, m),
		`http_server_active_requests 0`,
		`http_server_request_duration_seconds_bucket{operation="getThing",status="200",le="0.0025"} 0`,
		`http_server_request_duration_seconds_bucket{operation="getThing",status="200",le="0.005"} 1`,
		`http_server_request_duration_seconds_sum{operation="getThing",status="200"} 0.003`,
		`http_server_request_duration_seconds_count{operation="getThing",status="500"} 1`)
}

//nolint:paralleltest // AllocsPerRun counts the allocations of parallel tests, too
func TestMeasuringARequestAllocatesNothing(t *testing.T) {
	requests := newMetrics().Requests("getThing")
	ctx := t.Context()
	count := func() {
		requests.Began()
		requests.Ended(ctx, http.StatusOK, time.Millisecond)
	}
	if allocations := testing.AllocsPerRun(100, count); allocations > 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestOutcomesAreExportedFromTheStart(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	ended := telemetry.Outcomes(m, "imports_total", "Imports, by outcome.", []string{"done", "failed"})
	ended("done")
	wantLines(t, scrape(t, m),
		`imports_total{outcome="done"} 1`, `imports_total{outcome="failed"} 0`, `rate_limiter_fallbacks_total 0`)

	m = newMetrics()
	endedBy := telemetry.OutcomesBy(m, "mails_total", "Mails.", "template", []string{"a", "b"}, []string{"sent", "failed"})
	endedBy("b", "sent")
	endedBy("unknown", "sent")
	text := scrape(t, m)
	wantLines(t, text, `mails_total{outcome="sent",template="b"} 1`, `mails_total{outcome="failed",template="a"} 0`)
	if strings.Contains(text, "unknown") {
		t.Error("an unknown value is a label")
	}
}

func TestProcessMetrics(t *testing.T) {
	t.Parallel()
	text := scrape(t, newMetrics())
	for _, part := range []string{
		`service="Orders"`, `version="v1.2.3"`, `environment="staging"`, "\ngo_goroutines ", "\ngo_gc_duration_seconds_count ",
		"\nprocess_resident_memory_bytes ",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is missing", part)
		}
	}
}

func TestEachScrapeReadsTheState(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	pool, hashing := telemetry.PoolStats{Max: 15}, telemetry.HashingStats{Slots: 2, QueueSize: 64}
	var degraded []string
	var ready error
	m.WatchPool(func() telemetry.PoolStats { return pool })
	m.WatchHashing(func() telemetry.HashingStats { return hashing })
	m.WatchReadiness(func(context.Context) ([]string, error) { return degraded, ready })
	wantLines(
		t,
		scrape(t, m),
		`db_pool_max_connections 15`,
		`db_pool_connections{state="in_use"} 0`,
		`service_ready 1`,
		`service_degraded 0`,
	)
	degraded = []string{"writes"}
	wantLines(t, scrape(t, m), `service_ready 1`, `service_degraded 1`)

	pool = telemetry.PoolStats{
		InUse:    1,
		Idle:     2,
		Opening:  3,
		Max:      15,
		Acquired: 4,
		Waited:   5,
		WaitTime: 1500 * time.Millisecond,
		Canceled: 6,
		Opened:   7,
	}
	hashing = telemetry.HashingStats{Slots: 2, InUse: 1, QueueSize: 64, Queued: 8, Shed: 9}
	degraded, ready = nil, errors.New("not yet")
	m.HashingWaited(300 * time.Millisecond)
	m.LimiterFellBack()
	wantLines(
		t,
		scrape(t, m),
		`db_pool_connections{state="in_use"} 1`,
		`db_pool_connections{state="idle"} 2`,
		`db_pool_connections{state="opening"} 3`,
		`db_pool_acquires_total 4`,
		`db_pool_waits_total 5`,
		`db_pool_wait_seconds_total 1.5`,
		`db_pool_canceled_acquires_total 6`,
		`db_pool_opened_connections_total 7`,
		`password_hashing_slots 2`,
		`password_hashing_slots_in_use 1`,
		`password_hashing_queue_capacity 64`,
		`password_hashing_queue_length 8`,
		`password_hashing_shed_total 9`,
		`password_hashing_wait_seconds_bucket{le="0.25"} 0`,
		`password_hashing_wait_seconds_bucket{le="0.5"} 1`,
		`rate_limiter_fallbacks_total 1`,
		`service_ready 0`,
	)
}
