package connlimit

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// Limit bounds the connections of a server that has its listener from Listen and its ConnState hook
// from ConnState.
type Limit struct {
	bound int

	mu   sync.Mutex
	open int
	room *sync.Cond // signaled when a connection closes, becomes idle, or the listener closes
	idle *list.List // of *conn, longest idle first
}

// New returns a limit of bound connections.
func New(bound int) *Limit {
	l := &Limit{bound: bound, idle: list.New()}
	l.room = sync.NewCond(&l.mu)
	return l
}

// Listen returns a listener whose connections are counted. Pass it to the server without another
// wrapper, because ConnState must recognize its connections.
func (l *Limit) Listen(inner net.Listener) net.Listener { return &listener{Listener: inner, limit: l} }

// ConnState is the hook for [http.Server.ConnState]. A new connection is idle until it sends
// something.
func (l *Limit) ConnState(c net.Conn, state http.ConnState) {
	known, ok := c.(*conn)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.markBusy(known)
	if !known.closed && (state == http.StateNew || state == http.StateIdle) {
		known.idle = l.idle.PushBack(known)
		l.room.Signal()
	}
}

// markBusy removes a connection from the idle list.
func (l *Limit) markBusy(c *conn) {
	if c.idle != nil {
		l.idle.Remove(c.idle)
		c.idle = nil
	}
}

// enter waits for room and counts a connection. It reports false if the listener closes first.
func (l *Limit) enter(from *listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open >= l.bound && !from.closed {
		oldest := l.idle.Front()
		if oldest == nil {
			l.room.Wait()
			continue
		}
		c := oldest.Value.(*conn) //nolint:forcetypeassert // the list holds nothing else
		l.leave(c)
		go c.Conn.Close() //nolint:errcheck // the server closes it again
	}
	if from.closed {
		return false
	}
	l.open++
	return true
}

// leave stops counting a connection. It is idempotent.
func (l *Limit) leave(c *conn) {
	l.markBusy(c)
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
	idle   *list.Element // nil while busy
	closed bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.limit.mu.Lock()
	c.limit.leave(c)
	c.limit.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite closes the sending side. net/http calls it so that a client that is still sending can
// read the response.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
