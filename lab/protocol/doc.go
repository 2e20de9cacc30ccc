// Package protocol tests the HTTP protocol of the running service: invalid input, sockets, headers,
// limits, conditional requests, sessions and the audit log. The tests in internal/httpapi cover
// what each operation does.
package protocol
