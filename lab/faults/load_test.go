//go:build faults

package faults_test

import (
	"context"
	"sync"
	"testing"
	"time"
)

// load is a number of requests a second, until it is stopped.
type load struct {
	stop func()
	done chan struct{}
}

// mostAtOnce bounds the requests in flight: a load that gets no answers does not pile up.
const mostAtOnce = 256

// startLoad has sessions send perSecond requests a second: of five, four read an account and one rotates a token.
func startLoad(t *testing.T, c *caller, sessions []*session, perSecond int, wanted ...int) *load {
	t.Helper()
	answered := context.WithoutCancel(t.Context()) // what has been sent is waited for
	ctx, cancel := context.WithCancel(answered)
	l := &load{stop: cancel, done: make(chan struct{})}
	t.Cleanup(l.end)
	go func() {
		defer close(l.done)
		var requests sync.WaitGroup
		defer requests.Wait()
		slots := make(chan struct{}, mostAtOnce)
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

// end stops the load and waits for the answers.
func (l *load) end() {
	l.stop()
	<-l.done
}

// during lets the load go on for a while: what has not happened by then does not.
func during(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
