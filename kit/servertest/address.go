package servertest

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// UnusedAddress returns an address of this machine without a listener.
func UnusedAddress(t testing.TB) string {
	t.Helper()
	listener := listen(t, "127.0.0.1:0")
	defer listener.Close() //nolint:errcheck // it was never used
	return listener.Addr().String()
}

// Accepts reports whether an address accepts connections.
func Accepts(t testing.TB, address string) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// Forward accepts connections at an address and forwards them to another one, until the test ends.
func Forward(t testing.TB, from, to string) {
	t.Helper()
	listener := listen(t, from)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := new(net.Dialer).DialContext(t.Context(), "tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			// The server would keep connections open after the test.
			context.AfterFunc(t.Context(), func() {
				_ = near.Close()
				_ = far.Close()
			})
			serving.Go(func() { pass(far, near) })
			serving.Go(func() { pass(near, far) })
		}
	})
}

func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

func listen(t testing.TB, address string) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
