// Package connlimit bounds the concurrent connections of an HTTP server. At the bound, a new
// connection replaces the one that has been idle longest; if none is idle, it waits. Without the
// replacement, clients that send nothing could occupy all connections.
//
// It must not know what is served.
package connlimit
