package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Requests measures the requests to one operation. A measurement costs two atomic additions and no
// allocation, because the histogram of each status is looked up once.
type Requests struct {
	operation string
	metrics   *Metrics
	byStatus  [maxStatus]atomic.Pointer[prometheus.Observer]
}

const maxStatus = 600

// Requests returns the measurements of an operation. Histograms for the given statuses are exported
// from the start, so that the first failure has a rate; others appear with their first request.
func (m *Metrics) Requests(operation string, statuses ...int) *Requests {
	r := &Requests{operation: operation, metrics: m}
	for _, status := range statuses {
		r.observer(status)
	}
	return r
}

// Began counts an active request. Call Ended when it ends.
func (r *Requests) Began() { r.metrics.active.Inc() }

// Ended measures a request with its status. If the trace of ctx is recorded, it becomes the
// exemplar of its bucket.
func (r *Requests) Ended(ctx context.Context, status int, took time.Duration) {
	r.metrics.active.Dec()
	observer := r.observer(status)
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		if exemplars, ok := observer.(prometheus.ExemplarObserver); ok {
			exemplars.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": span.TraceID().String()})
			return
		}
	}
	observer.Observe(took.Seconds())
}

func (r *Requests) observer(status int) prometheus.Observer {
	if status < 0 || status >= maxStatus {
		status = http.StatusInternalServerError // no server sends such a status
	}
	if known := r.byStatus[status].Load(); known != nil {
		return *known
	}
	observer := r.metrics.requests.WithLabelValues(r.operation, strconv.Itoa(status))
	r.byStatus[status].Store(&observer)
	return observer
}
