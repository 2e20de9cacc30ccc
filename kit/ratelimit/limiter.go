package ratelimit

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"
)

// Options say where a Limiter counts; the zero value counts in this process.
type Options struct {
	// Redis is asked first, if there is one.
	Redis *Redis
	// OnChange is told when Redis has stopped to answer, and why, and with nil when it is back. It must not block.
	OnChange func(ctx context.Context, err error)
	// OnFallback is told of each decision that was made in this process because Redis did not answer.
	OnFallback func()
	// Pause is how long Redis is left alone after it did not answer; 0 means a second.
	Pause time.Duration
}

// Limiter decides by Redis, and in this process where there is none or it does not answer: limits are then those of each
// replica, never none.
type Limiter struct {
	process *Process
	redis   *Redis
	breaker breaker
	options Options
}

// New returns a limiter. It owns the Redis that it is given.
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

// Take counts a request. It takes at most a tenth of a second, and that only once in a while.
func (l *Limiter) Take(ctx context.Context, key Key, rate Rate) Decision {
	if l.redis == nil {
		return l.process.Take(key, rate)
	}
	if l.breaker.lets() {
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

// breaker keeps requests from waiting for a Redis that did not answer: after each pause one of them tries.
type breaker struct {
	now   func() time.Time
	start time.Time
	pause time.Duration
	// retryAt is when the next may try, in nanoseconds since start; 0 while all may.
	retryAt atomic.Int64
}

// lets reports whether Redis is to be asked.
func (b *breaker) lets() bool {
	at := b.retryAt.Load()
	if at == 0 {
		return true
	}
	now := b.elapsed()
	return now >= at && b.retryAt.CompareAndSwap(at, now+int64(b.pause))
}

// open reports whether the breaker was closed before.
func (b *breaker) open() bool { return b.retryAt.Swap(b.elapsed()+int64(b.pause)) == 0 }

// close reports whether the breaker was open before.
func (b *breaker) close() bool { return b.retryAt.Load() != 0 && b.retryAt.Swap(0) != 0 }

func (b *breaker) elapsed() int64 { return int64(b.now().Sub(b.start)) }
