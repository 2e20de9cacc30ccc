// Package otlptest runs an OpenTelemetry collector inside a test: it receives spans by OTLP over
// HTTP and keeps them, so that a test can check what a process really exports.
//
// It must not know which exporter sent the spans, and it is for tests only.
package otlptest
