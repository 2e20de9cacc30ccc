// Package httpkit has the HTTP protocol of an API as middleware of Echo: request ids, logs,
// recovery, headers, CORS, timeouts, rate limits, load shedding, traces, metrics, validation,
// conditional requests, streams and problems. An application lists the middleware that it wants in
// a [Chain].
//
// Middleware depends on a contract, see package apispec. The package must not know the application:
// it passes its authenticator, see [Authenticate], and the translation of its errors, see [Errors].
package httpkit
