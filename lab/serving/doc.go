// Package serving tests the running server: its metrics, traces, reports, limits and drain, and what
// deploy/ and docs/ state about them.
package serving
