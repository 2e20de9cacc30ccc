// Package ratelimit counts requests: in Redis, where all replicas see the same numbers, or in this process. [Limiter] does
// the first as long as Redis answers, and the second otherwise.
//
// It knows neither HTTP nor which requests are counted as what.
package ratelimit

import (
	"net/netip"

	"example.com/plinth/kit/gcra"
)

// Rate allows Requests at once, and then one each Window/Requests.
type Rate = gcra.Rate

// Decision reports whether a request is within the rate.
type Decision = gcra.Decision

// Key is what is counted apart from everything else: what an account does, or else a network, in a class of operations.
type Key struct {
	Class   string
	Account string // empty for a network
	Network netip.Prefix
}
