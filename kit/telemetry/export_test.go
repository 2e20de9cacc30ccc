package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
)

// NewOTLPClient returns an exporter's client that waits for about firstWait before its first retry.
func NewOTLPClient(url string, firstWait time.Duration) otlptrace.Client {
	client := newOTLPClient(url, nil)
	client.firstWait = firstWait
	return client
}
