package servertest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// ServeInMemory is [Serve] without a network, and returns a function that connects. In a bubble of
// testing/synctest the timeouts of the server take no time, and depend on none.
func ServeInMemory(
	t testing.TB, server *http.Server, wrap func(net.Listener) net.Listener,
) (dial func(context.Context) (net.Conn, error)) {
	t.Helper()
	listener := &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	go func() { _ = server.Serve(wrap(listener)) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.dial
}

// memoryListener implements net.Listener.
type memoryListener struct {
	conns   chan net.Conn
	closed  chan struct{}
	closing sync.Once
}

func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

func (*memoryListener) Addr() net.Addr { return memoryAddr{} }

// memoryAddr implements net.Addr. Servers read the address of clients from it.
type memoryAddr struct{}

func (memoryAddr) Network() string { return "tcp" }
func (memoryAddr) String() string  { return "127.0.0.1:1" }
