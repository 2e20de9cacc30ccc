package httpkit

import (
	"cmp"
	"sync"
	"time"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/clientnet"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/ratelimit"
)

const (
	defaultStreamsPerCaller = 10
	defaultMaxStreams       = 1024
	// streamRetryAfter is a guess: streams end when their clients close them.
	streamRetryAfter = 10 * time.Second
)

var errNoStreamLeft = &problem.Problem{Code: problem.CodeOverloaded, Detail: "Too many requests at the moment. " +
	"Try again shortly."}

var errTooManyStreams = &problem.Problem{
	Code: problem.CodeRateLimited, Detail: "Too many streams are open. Close one, or try again later.",
	RetryAfter: streamRetryAfter,
}

// streamSlots bounds the concurrent streams of a process. Each holds a connection until it ends.
type streamSlots struct {
	perCaller, all int

	mu    sync.Mutex
	open  map[ratelimit.Key]int
	total int
}

func newStreamSlots(options StreamOptions) *streamSlots {
	return &streamSlots{
		perCaller: cmp.Or(options.PerCaller, defaultStreamsPerCaller),
		all:       cmp.Or(options.Max, defaultMaxStreams),
		open:      map[ratelimit.Key]int{},
	}
}

// take reserves a slot for a stream until release is called.
func (s *streamSlots) take(caller ratelimit.Key) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open[caller] >= s.perCaller:
		return nil, errTooManyStreams
	case s.total >= s.all:
		return nil, errNoStreamLeft
	}
	s.open[caller]++
	s.total++
	return func() { s.release(caller) }, nil
}

func (s *streamSlots) release(caller ratelimit.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	s.open[caller]--
	if s.open[caller] == 0 {
		delete(s.open, caller)
	}
}

// streamKey returns the account of a stream, or its network if the operation is public.
func streamKey(caller *Caller, op *apispec.Operation) ratelimit.Key {
	if op.IsPublic() {
		return ratelimit.Key{Network: clientnet.Of(caller.IP)}
	}
	return ratelimit.Key{Account: caller.Account}
}
