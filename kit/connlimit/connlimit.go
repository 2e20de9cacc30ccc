// Package connlimit bounds the connections of an HTTP server. Beyond the bound a new connection takes the place of the one
// that has been idle longest; while none is idle, it waits. A bound without that would let clients that do nothing keep
// all others out.
//
// It must not know what is served.
package connlimit

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// Limit bounds connections: Listen those that are accepted, and ConnState, as the server's, learns which are idle.
type Limit struct {
	most int

	mu   sync.Mutex
	open int
	room *sync.Cond // signaled when a connection closes, becomes idle, or the listener closes
	idle *list.List // of *conn, the longest idle first
}

// New returns a limit of most connections.
func New(most int) *Limit {
	l := &Limit{most: most, idle: list.New()}
	l.room = sync.NewCond(&l.mu)
	return l
}

// Listen returns a listener whose connections count. It must be the one that the server gets, or ConnState does not know them.
func (l *Limit) Listen(inner net.Listener) net.Listener { return &listener{Listener: inner, limit: l} }

// ConnState is a hook for [http.Server.ConnState]. A connection that has sent nothing yet is idle, too.
func (l *Limit) ConnState(c net.Conn, state http.ConnState) {
	known, ok := c.(*conn)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(known)
	if !known.closed && (state == http.StateNew || state == http.StateIdle) {
		known.idle = l.idle.PushBack(known)
		l.room.Signal()
	}
}

// forget takes a connection out of those that are idle.
func (l *Limit) forget(c *conn) {
	if c.idle != nil {
		l.idle.Remove(c.idle)
		c.idle = nil
	}
}

// enter counts a connection, once there is room for it. It reports false if the listener closes meanwhile.
func (l *Limit) enter(from *listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open >= l.most && !from.closed {
		oldest := l.idle.Front()
		if oldest == nil {
			l.room.Wait()
			continue
		}
		c := oldest.Value.(*conn) //nolint:forcetypeassert // the list holds nothing else
		l.leave(c)
		go c.Conn.Close() //nolint:errcheck // the server notices, and closes it again
	}
	if from.closed {
		return false
	}
	l.open++
	return true
}

// leave uncounts a connection, once.
func (l *Limit) leave(c *conn) {
	l.forget(c)
	if !c.closed {
		c.closed = true
		l.open--
		l.room.Signal()
	}
}

type listener struct {
	net.Listener

	limit  *Limit
	closed bool // guarded by the limit
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if !l.limit.enter(l) {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	return &conn{Conn: c, limit: l.limit}, nil
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.limit.mu.Lock()
	l.closed = true
	l.limit.room.Broadcast()
	l.limit.mu.Unlock()
	return l.Listener.Close()
}

type conn struct {
	net.Conn

	limit *Limit
	// Guarded by the limit.
	idle   *list.Element // nil while it is not idle
	closed bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.limit.mu.Lock()
	c.limit.leave(c)
	c.limit.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite lets net/http close its side first, so that a client that still sends gets to see the answer.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
