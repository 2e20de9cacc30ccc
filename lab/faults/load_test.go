//go:build faults

package faults_test

import (
	"context"
	"sync"
	"testing"
	"time"
)

// load sends requests at a rate until it is stopped.
type load struct {
	stop func()
	done chan struct{}
}

// maxInFlight bounds the requests in flight.
const maxInFlight = 256

// startLoad sends perSecond requests per second: of five, four read an account and one rotates a
// token.
func startLoad(t *testing.T, c *caller, sessions []*session, perSecond int, wanted ...int) *load {
	t.Helper()
	answered := context.WithoutCancel(t.Context()) // requests in flight complete
	ctx, cancel := context.WithCancel(answered)
	l := &load{stop: cancel, done: make(chan struct{})}
	t.Cleanup(l.end)
	go func() {
		defer close(l.done)
		var requests sync.WaitGroup
		defer requests.Wait()
		slots := make(chan struct{}, maxInFlight)
		ticker := time.NewTicker(time.Second / time.Duration(perSecond))
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			slots <- struct{}{}
			requests.Go(func() {
				defer func() { <-slots }()
				s := sessions[i%len(sessions)]
				if i%5 == 0 {
					s.rotate(answered, c, wanted...)
				} else {
					s.me(answered, c, wanted...)
				}
			})
		}
	}()
	return l
}

// end stops the load and waits for its responses.
func (l *load) end() {
	l.stop()
	<-l.done
}

// during waits while the load continues.
func during(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
