package telemetry

import (
	"context"
	"math"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// MetricsOptions identify the process.
type MetricsOptions struct {
	Service     string
	Version     string
	Environment string
}

// Metrics are the metrics of a process, for Prometheus. Labels have few values, all known in
// advance: operations of the contract, statuses, outcomes; never a path, an address or an account.
// Its methods are safe for concurrent use. It does not use the global registry.
type Metrics struct {
	registry         *prometheus.Registry
	requests         *prometheus.HistogramVec
	active           prometheus.Gauge
	hashingWait      prometheus.Histogram
	limiterFallbacks prometheus.Counter
	exportFailures   prometheus.Counter
}

// NewMetrics returns Metrics that include those of the process and of the Go runtime.
func NewMetrics(opts MetricsOptions) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_server_request_duration_seconds",
			Help:    "Time to answer requests, by operation of the contract and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation", "status"}),
		active: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_server_active_requests",
			Help: "Requests that are being answered.",
		}),
		hashingWait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "password_hashing_wait_seconds",
			Help:    "Time that hashes waited for their slot.",
			Buckets: []float64{.001, .01, .05, .1, .25, .5, 1, 2, 4},
		}),
		limiterFallbacks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rate_limiter_fallbacks_total",
			Help: "Decisions that the rate limiter took by itself because the shared store did not answer.",
		}),
		exportFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "trace_export_failures_total",
			Help: "Batches of spans that could not be exported.",
		}),
	}
	buildInfo := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "service_build_info",
		Help: "1, labelled by what is running.",
		ConstLabels: prometheus.Labels{
			"service": opts.Service, "version": opts.Version, "environment": opts.Environment,
			"go_version": runtime.Version(),
		},
	})
	buildInfo.Set(1)
	m.registry.MustRegister(
		m.requests, m.active, m.hashingWait, m.limiterFallbacks, m.exportFailures, buildInfo,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Outcomes registers a counter with the label outcome and returns the function that increments it.
// All outcomes are exported from the start, at 0: a series that appears with its first event has no
// rate. The returned function panics for an outcome that is not in outcomes. Call it once for each
// name.
func Outcomes[T ~string](m *Metrics, name, help string, outcomes []T) func(T) {
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"outcome"})
	m.registry.MustRegister(vector)
	byOutcome := make(map[T]prometheus.Counter, len(outcomes))
	for _, outcome := range outcomes {
		byOutcome[outcome] = vector.WithLabelValues(string(outcome))
	}
	return func(outcome T) { byOutcome[outcome].Inc() }
}

// Jobs registers the metrics of attempts at jobs and returns the function that records one. All
// series are exported from the start, as those of [Outcomes]. Call it once.
func Jobs[T ~string](m *Metrics, kinds []string, outcomes []T) func(kind string, outcome T, took time.Duration) {
	attempts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "jobs_attempts_total", Help: "Attempts at jobs, by how they ended.",
	}, []string{"kind", "outcome"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "jobs_attempt_duration_seconds", Help: "Time that attempts at jobs took.",
		Buckets: []float64{.01, .05, .25, 1, 5, 15, 60},
	}, []string{"kind"})
	m.registry.MustRegister(attempts, durations)
	for _, kind := range kinds {
		durations.WithLabelValues(kind)
		for _, outcome := range outcomes {
			attempts.WithLabelValues(kind, string(outcome))
		}
	}
	return func(kind string, outcome T, took time.Duration) {
		attempts.WithLabelValues(kind, string(outcome)).Inc()
		durations.WithLabelValues(kind).Observe(took.Seconds())
	}
}

// JobStats are the state of a queue of jobs.
type JobStats struct {
	Age    time.Duration // of the oldest job that could run
	Failed int           // jobs that are kept after their last failure
}

// WatchJobs registers the metrics of a queue, which call stats at each scrape. They are NaN after an
// error. Call it once.
func (m *Metrics) WatchJobs(stats func() (JobStats, error)) {
	type state struct {
		JobStats

		err error
	}
	value := func(of func(JobStats) float64) func(state) float64 {
		return func(s state) float64 {
			if s.err != nil {
				return math.NaN()
			}
			return of(s.JobStats)
		}
	}
	snapshot := func() state {
		stats, err := stats()
		return state{stats, err}
	}
	m.registry.MustRegister(&collector[state]{snapshot: snapshot, metrics: []metric[state]{
		gauge("jobs_queue_age_seconds", "Age of the oldest job that could run.",
			value(func(s JobStats) float64 { return s.Age.Seconds() })),
		gauge("jobs_failed", "Jobs that failed for the last time, and are kept.",
			value(func(s JobStats) float64 { return float64(s.Failed) })),
	}})
}

// OutcomesBy is Outcomes with one label more, of which all values are known, too. The returned
// function ignores unknown ones.
func OutcomesBy[K, T ~string](m *Metrics, name, help, label string, values []K, outcomes []T) func(K, T) {
	type pair struct {
		value   K
		outcome T
	}
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label, "outcome"})
	m.registry.MustRegister(vector)
	counters := make(map[pair]prometheus.Counter, len(values)*len(outcomes))
	for _, value := range values {
		for _, outcome := range outcomes {
			counters[pair{value, outcome}] = vector.WithLabelValues(string(value), string(outcome))
		}
	}
	return func(value K, outcome T) {
		if counter, isKnown := counters[pair{value, outcome}]; isKnown {
			counter.Inc()
		}
	}
}

// Handler serves all metrics in the formats of Prometheus.
func (m *Metrics) Handler() http.Handler {
	const scrapes = 4 // concurrently: enough for a pair of Prometheus servers and a person
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		EnableOpenMetrics: true, MaxRequestsInFlight: scrapes,
	})
}

// Mux serves all metrics at /metrics.
func (m *Metrics) Mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	return mux
}

// HashingWaited records how long a password hash waited for its slot.
func (m *Metrics) HashingWaited(waited time.Duration) { m.hashingWait.Observe(waited.Seconds()) }

// LimiterFellBack counts a decision of the rate limiter without the shared store.
func (m *Metrics) LimiterFellBack() { m.limiterFallbacks.Inc() }

// PoolStats are the state of a pool of database connections, and its counters since the start.
type PoolStats struct {
	InUse   int // connections that are acquired
	Idle    int
	Opening int
	Max     int

	Acquired uint64        // acquires
	Waited   uint64        // acquires after a wait
	WaitTime time.Duration // of all waits
	Canceled uint64        // acquires that were canceled while waiting
	Opened   uint64        // connections opened
}

// WatchPool registers the metrics of a database pool, which call stats at each scrape. Call it
// once.
func (m *Metrics) WatchPool(stats func() PoolStats) {
	state := func(state string, value func(PoolStats) float64) metric[PoolStats] {
		m := gauge("db_pool_connections", "Connections to the database, by state.", value, "state")
		m.labels = []string{state}
		return m
	}
	m.registry.MustRegister(&collector[PoolStats]{snapshot: stats, metrics: []metric[PoolStats]{
		state("in_use", func(s PoolStats) float64 { return float64(s.InUse) }),
		state("idle", func(s PoolStats) float64 { return float64(s.Idle) }),
		state("opening", func(s PoolStats) float64 { return float64(s.Opening) }),
		gauge("db_pool_max_connections", "Connections that the pool may have.",
			func(s PoolStats) float64 { return float64(s.Max) }),
		counter("db_pool_acquires_total", "Times that a connection was handed out.",
			func(s PoolStats) float64 { return float64(s.Acquired) }),
		counter("db_pool_waits_total", "Times that a connection was handed out after a wait.",
			func(s PoolStats) float64 { return float64(s.Waited) }),
		counter("db_pool_wait_seconds_total", "Time spent waiting for connections that were handed out.",
			func(s PoolStats) float64 { return s.WaitTime.Seconds() }),
		counter("db_pool_canceled_acquires_total", "Times that the wait for a connection was given up.",
			func(s PoolStats) float64 { return float64(s.Canceled) }),
		counter("db_pool_opened_connections_total", "Connections that were opened.",
			func(s PoolStats) float64 { return float64(s.Opened) }),
	}})
}

// HashingStats are the state of the gate that bounds concurrent password hashes.
type HashingStats struct {
	Slots     int    // hashes that may run at once
	InUse     int    // slots taken
	QueueSize int    // callers that may wait
	Queued    int    // callers that wait
	Shed      uint64 // callers rejected since the start
}

// WatchHashing registers the metrics of the hashing gate, which call stats at each scrape. Call it
// once.
func (m *Metrics) WatchHashing(stats func() HashingStats) {
	m.registry.MustRegister(&collector[HashingStats]{snapshot: stats, metrics: []metric[HashingStats]{
		gauge("password_hashing_slots", "Password hashes that may run at once.",
			func(s HashingStats) float64 { return float64(s.Slots) }),
		gauge("password_hashing_slots_in_use", "Slots that are taken.",
			func(s HashingStats) float64 { return float64(s.InUse) }),
		gauge("password_hashing_queue_capacity", "Hashes that may wait for a slot.",
			func(s HashingStats) float64 { return float64(s.QueueSize) }),
		gauge("password_hashing_queue_length", "Hashes that wait for a slot.",
			func(s HashingStats) float64 { return float64(s.Queued) }),
		counter("password_hashing_shed_total",
			"Hashes that were refused because the queue was full or the wait too long.",
			func(s HashingStats) float64 { return float64(s.Shed) }),
	}})
}

// watchLog registers the number of lines that a log has dropped. Call it once.
func (m *Metrics) watchLog(log *lineWriter) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "log_lines_dropped_total",
		Help: "Log lines that were dropped because what reads the log was blocked or broken.",
	}, func() float64 { return float64(log.Dropped()) }))
}

// WatchReadiness registers metrics that call check at each scrape: whether the service should get
// requests, and whether it is degraded. Call it once.
func (m *Metrics) WatchReadiness(check func(context.Context) (degraded []string, err error)) {
	type state struct{ ready, degraded bool }
	snapshot := func() state {
		degraded, err := check(context.Background()) // a scrape has no context; readiness has a timeout
		return state{ready: err == nil, degraded: len(degraded) > 0}
	}
	one := func(is bool) float64 {
		if is {
			return 1
		}
		return 0
	}
	m.registry.MustRegister(&collector[state]{snapshot: snapshot, metrics: []metric[state]{
		gauge("service_ready", "1 while the service should get traffic, 0 while it should not.",
			func(s state) float64 { return one(s.ready) }),
		gauge("service_degraded", "1 while a part of the service does not work, such as writing.",
			func(s state) float64 { return one(s.degraded) }),
	}})
}
