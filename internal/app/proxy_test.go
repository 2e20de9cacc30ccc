package app_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// throughProxy returns the URL of a database with another address.
func throughProxy(t *testing.T, databaseURL, address string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	must(t, err)
	u.Host = address
	return u.String()
}

// serveProxy forwards connections from an address to a database's server, until the test ends.
func serveProxy(t *testing.T, databaseURL, address string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	must(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	must(t, err)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Host)
			if err != nil {
				_ = client.Close()
				continue
			}
			// The server would keep connections open after the test.
			context.AfterFunc(t.Context(), func() {
				_ = client.Close()
				_ = upstream.Close()
			})
			serving.Go(func() { pass(upstream, client) })
			serving.Go(func() { pass(client, upstream) })
		}
	})
}

func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}
