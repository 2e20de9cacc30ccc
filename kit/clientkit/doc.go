// Package clientkit has the transport of an API client: it renews a session's tokens, turns error
// responses into errors, retries safe calls when the service is overloaded, does not follow
// redirects, and writes multipart forms. A client for one contract wraps its generated client in it.
//
// It must not know the operations of a contract, and imports nothing of the server.
package clientkit
