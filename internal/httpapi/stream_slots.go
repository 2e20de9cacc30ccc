package httpapi

import (
	"cmp"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/ratelimit"
)

const (
	defaultStreamsPerCaller = 10
	defaultMaxStreams       = 1024 // half of the default MAX_CONNECTIONS
	// streamRetryAfter is sent with refusals; streams end when their clients close them, so no exact time is known.
	streamRetryAfter = 10 * time.Second
)

var errTooManyStreams = &problem.Problem{
	Code: problem.CodeRateLimited, Detail: "Too many streams are open. Close one, or try again later.",
	RetryAfter: streamRetryAfter,
}

// streamSlots bounds the concurrent streams of a process: each holds a connection for as long as its client likes.
type streamSlots struct {
	perCaller, most int

	mu    sync.Mutex
	open  map[ratelimit.Key]int
	total int
}

func newStreamSlots(options Options) *streamSlots {
	return &streamSlots{
		perCaller: cmp.Or(options.StreamsPerCaller, defaultStreamsPerCaller),
		most:      cmp.Or(options.MaxStreams, defaultMaxStreams),
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
	case s.total >= s.most:
		return nil, domain.ErrOverloaded
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

// streamCaller returns the account of a stream, or its network if the operation is public.
func streamCaller(ctx echo.Context, op *operation) ratelimit.Key {
	if op.IsPublic() {
		return ratelimit.Key{Network: clientFrom(ctx.Request().Context()).Network()}
	}
	return ratelimit.Key{Account: callerFrom(ctx.Request().Context()).bearer.UserID}
}
