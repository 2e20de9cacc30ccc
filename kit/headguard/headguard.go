// Package headguard makes an HTTP/1 server refuse requests whose end two readers could see in different places: with a
// Content-Length and a Transfer-Encoding, or with a Transfer-Encoding in HTTP/1.0, which knows none (RFC 9112, section 6.1),
// or with a folded header line (section 5.2). That is how a request is smuggled past a proxy. It also makes it refuse more
// than 100 header fields, and announced trailers, which cost net/http forty times their size and which no handler reads.
//
// net/http drops the length, or the coding, before a handler sees the request, and joins the lines. So this watches the
// bytes of a connection on their way to net/http. It answers nothing by itself: it spoils the one byte of the head that
// makes net/http refuse it, with 400 and the end of the connection, like any other head that is malformed.
package headguard

import "net"

// Listen returns a listener whose connections are guarded. The server must end a connection after a request with a
// Transfer-Encoding: what follows is not looked at, because the guard does not know where such a body ends.
func Listen(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

type conn struct {
	net.Conn

	guard guard
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.guard.watch(p[:n])
	return n, err
}

// CloseWrite lets net/http close its side first, so that a client that still sends gets to see the answer.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
