// Package ratelimit counts requests: in Redis, where all replicas see the same numbers, or in this process. [Limiter] does
// the first as long as Redis answers, and the second otherwise.
//
// It knows neither HTTP nor which requests are counted as what.
package ratelimit

import (
	"net/netip"
	"time"
)

// Rate is how often somebody may do something: Requests at once, and from then on one each Window/Requests. It needs at
// least one request, and a window of at least a microsecond for each.
type Rate struct {
	Requests int
	Window   time.Duration
}

// Key is what is counted apart from everything else: what an account does, or else a network, in a class of operations.
type Key struct {
	Class   string
	Account string // empty for a network
	Network netip.Prefix
}

// Decision says whether a request is within the rate.
type Decision struct {
	Allowed    bool
	Remaining  int           // how many more may come at once
	RetryAfter time.Duration // until the next may come, if this one may not
}

// Interval is the time in which one request is given back, in whole microseconds: Redis counts in nothing smaller.
func (r Rate) Interval() time.Duration {
	return (r.Window / time.Duration(r.Requests)).Truncate(time.Microsecond)
}

// take is the generic cell rate algorithm. All that it remembers of a key is the time at which it will have all of its
// requests again: full, zero for a key not seen before. It returns that time anew. take.lua does the same in Redis.
func (r Rate) take(full, now time.Duration) (time.Duration, Decision) {
	interval := r.Interval()
	burst := interval * time.Duration(r.Requests)
	debt := max(full-now, 0) + interval
	if debt > burst {
		return full, Decision{RetryAfter: debt - burst}
	}
	return now + debt, Decision{Allowed: true, Remaining: int((burst - debt) / interval)}
}
