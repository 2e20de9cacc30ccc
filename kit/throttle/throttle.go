package throttle

import (
	"net/netip"
	"time"

	"example.com/plinth/kit/clientnet"
)

// Key names a counter of failed passwords: of an account from everywhere, of a network for all
// accounts, or of an account from one network, device or session. Keys are digests; an empty one
// means all.
type Key struct{ Account, Source []byte }

// IsOfPair reports whether the counter is of an account from one network, device or session.
func (k Key) IsOfPair() bool { return k.Account != nil && k.Source != nil }

// Policy describes the delays after failed passwords.
type Policy struct {
	Free         int           // from this failure on, each blocks the counter for twice as long as the last
	ForgiveAfter time.Duration // in which one failure is forgiven
	FirstDelay   time.Duration
	MostDelay    time.Duration
}

// Quota limits mails to a mailbox: one in each Interval, and PerDay in a day.
type Quota struct {
	Interval time.Duration
	PerDay   int
}

// Refill is the time in which one mail of PerDay is given back.
func (q Quota) Refill() time.Duration { return Day / time.Duration(max(q.PerDay, 1)) }

// Day is the window of a Quota.
const Day = 24 * time.Hour

// Reservation is an attempt that was counted as failed in advance.
type Reservation struct {
	Key    Key
	Policy Policy
	// Until is the end of the delay that this attempt caused. A refund removes the delay if it is
	// still the same.
	Until time.Time
}

// Options say how many wrong passwords cause no delay.
type Options struct {
	AccountFailures int // for an account from one network, device or session
	NetworkFailures int // from a network, for all accounts
	TotalFailures   int // for an account from all networks
	Off             bool
}

const (
	firstDelay = 15 * time.Second
	mostDelay  = 15 * time.Minute
	// accountForgiveAfter is the longest delay, which allows four guesses an hour in the long run,
	// however they are timed.
	accountForgiveAfter = mostDelay
	// networkForgiveAfter is short, because the typing errors of a company behind one address add
	// up.
	networkForgiveAfter = time.Minute
)

// Counter is a counter of an attempt. If CountsOnly, it refuses nothing.
type Counter struct {
	Key        Key
	Policy     Policy
	CountsOnly bool
}

// Counters returns the counters of an attempt at the account with an e-mail, in the same order for
// all attempts, which prevents deadlocks. They do not depend on whether there is an account. own is
// the digest of a known device or a session, or nil.
//
// An attacker must not be able to lock out the owner of an account. So a failure counts for the
// account from one network first, the limit for the account from all networks is much higher, and
// an attempt from a known device or in a session has a counter of its own. It counts for its
// network too, but no other counter refuses it.
func (o Options) Counters(digests Digests, email string, own []byte, ip netip.Addr) []Counter {
	var counters []Counter
	add := func(key Key, free int, forgiveAfter time.Duration, countsOnly bool) {
		policy := Policy{Free: free, ForgiveAfter: forgiveAfter, FirstDelay: firstDelay, MostDelay: mostDelay}
		counters = append(counters, Counter{key, policy, countsOnly})
	}
	account, networks := digests.Account(email), digests.networks(ip)
	if own != nil {
		add(Key{account, own}, o.AccountFailures, accountForgiveAfter, false)
	} else {
		for _, n := range networks {
			add(Key{account, n.digest}, o.AccountFailures*n.percent/100, accountForgiveAfter, false)
		}
		add(Key{Account: account}, o.TotalFailures, accountForgiveAfter, false)
	}
	for _, n := range networks {
		add(Key{Source: n.digest}, o.NetworkFailures*n.percent/100, networkForgiveAfter, own != nil)
	}
	return counters
}

// network is a network of a client, see [clientnet.Wider].
type network struct {
	digest  []byte
	percent int
}

func (d Digests) networks(ip netip.Addr) []network {
	networks := []network{{d.of("network", clientnet.Of(ip).String()), 100}}
	for _, wider := range clientnet.Around(ip) {
		networks = append(networks, network{d.of("network", wider.Prefix.String()), wider.Percent})
	}
	return networks
}
