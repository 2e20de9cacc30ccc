// Package headguard makes an HTTP/1 server reject requests whose end two parsers could see in
// different places, as request smuggling needs: those with both Content-Length and
// Transfer-Encoding, with Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1), or with a folded
// header line (section 5.2). It also rejects more than 100 header fields, and announced trailers,
// which cost net/http forty times their size.
//
// net/http removes the length or the coding before a handler sees the request, and joins folded
// lines. So this package scans the bytes of a connection before net/http reads them. It writes no
// response: it overwrites a byte of the head so that net/http rejects it as malformed, with 400 and
// the end of the connection.
//
// It must not know routes, handlers or any limit of the application.
package headguard
