package telemetry

import "github.com/prometheus/client_golang/prometheus"

// collector derives metrics from one snapshot of the state S, so that they are consistent.
type collector[S any] struct {
	snapshot func() S
	metrics  []metric[S]
}

// metric is one value of the state.
type metric[S any] struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	value  func(S) float64
	labels []string
}

func gauge[S any](name, help string, value func(S) float64, labels ...string) metric[S] {
	return metric[S]{desc: prometheus.NewDesc(name, help, labels, nil), kind: prometheus.GaugeValue, value: value}
}

func counter[S any](name, help string, value func(S) float64) metric[S] {
	return metric[S]{desc: prometheus.NewDesc(name, help, nil, nil), kind: prometheus.CounterValue, value: value}
}

// Describe implements prometheus.Collector.
func (c *collector[S]) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range c.metrics {
		descs <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector[S]) Collect(metrics chan<- prometheus.Metric) {
	state := c.snapshot()
	for _, m := range c.metrics {
		metrics <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(state), m.labels...)
	}
}
