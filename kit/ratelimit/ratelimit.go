package ratelimit

import (
	"net/netip"

	"example.com/plinth/kit/gcra"
)

// Rate allows Requests at once, and then one each Window/Requests.
type Rate = gcra.Rate

// Decision reports whether a request is within the rate.
type Decision = gcra.Decision

// Key identifies a counter: an account or a network, in a class of operations.
type Key struct {
	Class   string
	Account string // empty for a network
	Network netip.Prefix
}
