package mailkit

import (
	"context"
	"sync"
	"time"
)

// pool keeps connections to a server.
type pool struct {
	server      server
	idleTimeout time.Duration
	slots       chan struct{}

	mutex  sync.Mutex
	idle   []*connection // the last one was used last
	closed bool
}

func newPool(server server, size int, idleTimeout time.Duration) *pool {
	return &pool{server: server, idleTimeout: idleTimeout, slots: make(chan struct{}, size)}
}

// send sends a mail through an idle connection that still works, else through a new one.
func (p *pool) send(ctx context.Context, mail envelope) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return &failure{action: "waiting for a connection", err: context.Cause(ctx)}
	}
	c := p.take()
	if c != nil && c.wake(ctx) != nil {
		c.close()
		c = nil
	}
	if c == nil {
		var err error
		if c, err = p.server.dial(ctx); err != nil {
			return err
		}
	}
	if err := c.send(ctx, mail); err != nil {
		c.close()
		return err
	}
	p.put(c)
	return nil
}

// take returns an idle connection, or nil if there is none.
func (p *pool) take() *connection {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	c.expiry.Stop()
	return c
}

// put keeps a connection until it has been idle for too long.
func (p *pool) put(c *connection) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed {
		c.close()
		return
	}
	p.idle = append(p.idle, c)
	c.expiry = time.AfterFunc(p.idleTimeout, func() { p.expire(c) })
}

func (p *pool) expire(c *connection) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for i, idle := range p.idle {
		if idle == c {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			go c.quit() // may wait for the server
			return
		}
	}
}

func (p *pool) close() {
	p.mutex.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mutex.Unlock()
	for _, c := range idle {
		c.expiry.Stop()
		c.quit()
	}
}
