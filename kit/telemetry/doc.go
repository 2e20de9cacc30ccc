// Package telemetry provides structured logs, metrics for Prometheus, traces for OpenTelemetry, and
// errors and traces for Sentry. It redacts passwords, tokens and e-mail addresses in all of them,
// and metrics have labels with few values only.
//
// It must not know routes, rules or the database. An application registers its own counters with
// [Outcomes].
package telemetry
