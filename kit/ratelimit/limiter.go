package ratelimit

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"
)

// Options configure a [Limiter]; the zero value counts in the process.
type Options struct {
	// Redis is the shared store; nil counts in the process.
	Redis *Redis
	// OnChange is called with an error when Redis fails, and with nil when it answers again. It
	// must not block.
	OnChange func(ctx context.Context, err error)
	// OnFallback is called for each decision in the process because Redis does not answer.
	OnFallback func()
	// Pause is the time between two attempts while Redis does not answer; 0 means a second.
	Pause time.Duration
}

// Limiter decides by Redis. Without Redis, or while it does not answer, the limits apply to each
// replica.
type Limiter struct {
	process *Process
	redis   *Redis
	breaker breaker
	options Options
}

// New returns a limiter, which owns options.Redis.
func New(now func() time.Time, options Options) *Limiter {
	if options.OnChange == nil {
		options.OnChange = func(context.Context, error) {}
	}
	if options.OnFallback == nil {
		options.OnFallback = func() {}
	}
	return &Limiter{
		process: NewProcess(now), redis: options.Redis, options: options,
		breaker: breaker{now: now, start: now(), pause: cmp.Or(options.Pause, time.Second)},
	}
}

// Take counts a request. While Redis does not answer, one request per Pause waits for up to a tenth
// of a second.
func (l *Limiter) Take(ctx context.Context, key Key, rate Rate) Decision {
	if l.redis == nil {
		return l.process.Take(key, rate)
	}
	if l.breaker.allow() {
		decision, err := l.redis.Take(ctx, key, rate)
		if err == nil {
			if l.breaker.close() {
				l.options.OnChange(ctx, nil)
			}
			return decision
		}
		if l.breaker.open() {
			l.options.OnChange(ctx, err)
		}
	}
	l.options.OnFallback()
	return l.process.Take(key, rate)
}

// Close closes the connections to Redis.
func (l *Limiter) Close() error {
	if l.redis == nil {
		return nil
	}
	return l.redis.Close()
}

// breaker is a circuit breaker: while Redis does not answer, it allows one attempt per pause.
type breaker struct {
	now   func() time.Time
	start time.Time
	pause time.Duration
	// retryAt is the time of the next attempt, in nanoseconds since start; 0 while the breaker is
	// closed.
	retryAt atomic.Int64
}

// allow reports whether to ask Redis.
func (b *breaker) allow() bool {
	at := b.retryAt.Load()
	if at == 0 {
		return true
	}
	now := b.elapsed()
	return now >= at && b.retryAt.CompareAndSwap(at, now+int64(b.pause))
}

// open opens the breaker, and reports whether it was closed.
func (b *breaker) open() bool { return b.retryAt.Swap(b.elapsed()+int64(b.pause)) == 0 }

// close closes the breaker, and reports whether it was open.
func (b *breaker) close() bool { return b.retryAt.Load() != 0 && b.retryAt.Swap(0) != 0 }

func (b *breaker) elapsed() int64 { return int64(b.now().Sub(b.start)) }
