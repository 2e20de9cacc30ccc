package gcra

import "time"

// Rate allows Requests at once, and then one each Window/Requests. The zero Rate limits nothing;
// any other needs at least one request, and a window of at least a microsecond for each.
type Rate struct {
	Requests int
	Window   time.Duration
}

// Decision reports whether a request is within the rate.
type Decision struct {
	Allowed    bool
	Remaining  int           // requests that may follow at once
	RetryAfter time.Duration // until the next request is allowed; 0 if this one is
}

// Interval is the time in which one request is given back, in whole microseconds, the resolution of
// the stores.
func (r Rate) Interval() time.Duration {
	return (r.Window / time.Duration(max(r.Requests, 1))).Truncate(time.Microsecond)
}

// Wait returns how long a key with this debt must wait for its next request; 0 if it need not. The
// debt of a key is the time until all its requests are given back. Each request adds an Interval to
// it.
func (r Rate) Wait(debt time.Duration) time.Duration {
	return max(debt+r.Interval()-r.Interval()*time.Duration(r.Requests), 0)
}

// Take counts a request. full is the time at which the debt of a key is 0, and is all that a store
// keeps; it is zero for a new key. Take returns the new value of full.
func (r Rate) Take(full, now time.Duration) (time.Duration, Decision) {
	debt := max(full-now, 0)
	if wait := r.Wait(debt); wait > 0 {
		return full, Decision{RetryAfter: wait}
	}
	debt += r.Interval()
	burst := r.Interval() * time.Duration(r.Requests)
	return now + debt, Decision{Allowed: true, Remaining: int((burst - debt) / r.Interval())}
}
