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

// Requests measures the requests to one operation. Counting costs two atomic additions and no allocation: the histogram
// of each status is looked up once.
type Requests struct {
	operation string
	metrics   *Metrics
	byStatus  [maxStatus]atomic.Pointer[prometheus.Observer]
}

const maxStatus = 600

// Requests returns what measures an operation. Histograms for the given statuses are there from the start, so that the
// first failure has a rate; others appear with their first request.
func (m *Metrics) Requests(operation string, statuses ...int) *Requests {
	r := &Requests{operation: operation, metrics: m}
	for _, status := range statuses {
		r.observer(status)
	}
	return r
}

// Began counts a request that is being answered; call Ended when it is.
func (r *Requests) Began() { r.metrics.active.Inc() }

// Ended counts an answer with its status and how long it took. The trace of ctx, if it is recorded, is noted as an
// example of a request that took that long.
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
		status = http.StatusInternalServerError // nobody can have sent that
	}
	if known := r.byStatus[status].Load(); known != nil {
		return *known
	}
	observer := r.metrics.requests.WithLabelValues(r.operation, strconv.Itoa(status))
	r.byStatus[status].Store(&observer)
	return observer
}
