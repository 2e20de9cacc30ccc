// Package serving tests the running server: its metrics, traces, reports, limits and drain, and what
// deploy/ and docs/ say of them.
package serving
