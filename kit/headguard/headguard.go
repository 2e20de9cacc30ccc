package headguard

import "net"

// Listen returns a listener whose connections are guarded. The server must close a connection after
// a request with a Transfer-Encoding, because the guard does not find the end of such a body and
// scans nothing after it.
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
	c.guard.scan(p[:n])
	return n, err
}

// CloseWrite closes the sending side. net/http calls it so that a client that is still sending can
// read the response.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
