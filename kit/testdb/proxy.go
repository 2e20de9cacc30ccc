package testdb

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// LoseAnswer returns a URL of the same database through a proxy that loses an answer and then the
// connection. The first answer is that to the message that contains marker, the second that to the
// next message.
func LoseAnswer(tb testing.TB, databaseURL, marker string, which int32) string {
	tb.Helper()
	return proxy(tb, databaseURL, func(client, upstream net.Conn) {
		var messages atomic.Int32 // from that with the marker on
		go forward(upstream, client, func(data []byte) bool {
			if messages.Load() > 0 || bytes.Contains(data, []byte(marker)) {
				messages.Add(1)
			}
			return true
		})
		forward(client, upstream, func([]byte) bool { return messages.Load() < which })
	})
}

// LoseOnce returns a URL of the same database through a proxy that closes one connection at the
// first message that contains marker: before the server gets the message, or once the server has
// answered.
func LoseOnce(tb testing.TB, databaseURL, marker string, answered bool) string {
	tb.Helper()
	var lost atomic.Bool
	return proxy(tb, databaseURL, func(client, upstream net.Conn) {
		var hangUp atomic.Bool
		go func() {
			forward(upstream, client, func(data []byte) bool {
				if bytes.Contains(data, []byte(marker)) && lost.CompareAndSwap(false, true) {
					hangUp.Store(true)
					return answered
				}
				return true
			})
			if hangUp.Load() && !answered {
				_ = upstream.Close()
			}
		}()
		forward(client, upstream, func([]byte) bool { return !hangUp.Load() })
	})
}

// proxy returns the URL of a proxy that serves each client with a connection to the server.
func proxy(tb testing.TB, databaseURL string, serve func(client, upstream net.Conn)) string {
	tb.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		tb.Fatal(err)
	}
	server := u.Host
	u.Host = Listen(tb, func(client net.Conn) {
		upstream, err := new(net.Dialer).DialContext(tb.Context(), "tcp", server)
		if err != nil {
			if tb.Context().Err() == nil { // else the driver cancels a statement in the background
				tb.Error(err)
			}
			return
		}
		defer func() { _ = upstream.Close() }()
		serve(client, upstream)
	})
	return u.String()
}

// forward copies from one connection to the other until one ends or pass returns false.
func forward(to io.Writer, from io.Reader, pass func([]byte) bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !pass(buffer[:n]) {
			return
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// Listen serves connections on a port of this machine until the test ends, and returns the address.
func Listen(tb testing.TB, serve func(net.Conn)) string {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var serving sync.WaitGroup
	tb.Cleanup(serving.Wait)
	tb.Cleanup(func() { _ = listener.Close() })
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	return listener.Addr().String()
}
