package telemetry

import (
	"io"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
)

// NewOTLPClient returns an exporter's client that waits for about firstWait before its first retry.
func NewOTLPClient(url string, firstWait time.Duration) otlptrace.Client {
	client := newOTLPClient(url, nil)
	client.firstWait = firstWait
	return client
}

// Writer makes lineWriter visible to tests.
type Writer = lineWriter

// NewWriter is newLineWriter.
func NewWriter(sink io.Writer) *Writer { return newLineWriter(sink) }

// ReportDrops is reportDrops.
func (w *Writer) ReportDrops(logger *slog.Logger) { w.reportDrops(logger) }

// WatchLog is watchLog.
func (m *Metrics) WatchLog(log *Writer) { m.watchLog(log) }
