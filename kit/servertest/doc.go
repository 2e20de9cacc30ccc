// Package servertest runs a server in the background of a test: [Start] returns once it listens,
// [Server.Stop] and [Server.Outcome] stop it, and [Log] reads and awaits its log lines. [Forward]
// stands for a backend that comes and goes. [Request] sends what no client would, and [Secrets]
// finds what a response or a log must not disclose.
//
// It must not know how the server is built or configured, nor its routes.
package servertest
