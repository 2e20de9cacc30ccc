package ratelimit_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/kit/ratelimit"
)

// All implementations count alike.
func TestCounters(t *testing.T) {
	t.Parallel()
	for name, open := range counters(t) {
		for rule, test := range map[string]func(*testing.T, counter){
			"a burst, then one per interval":  onePerInterval,
			"RetryAfter is exact":             exactWait,
			"rejections are not counted":      rejectionsAreFree,
			"keys are separate":               separateKeys,
			"an unused key recovers":          recovery,
			"concurrent requests get no more": concurrentRequests,
			"windows need not be divisible":   oddWindows,
		} {
			t.Run(name+"/"+rule, func(t *testing.T) {
				t.Parallel()
				test(t, open(t))
			})
		}
	}
}

var minutely = ratelimit.Rate{Requests: 60, Window: time.Hour}

// exhaust uses up the quota of a key.
func exhaust(t *testing.T, c counter, key ratelimit.Key, rate ratelimit.Rate) {
	t.Helper()
	for left := rate.Requests - 1; left >= 0; left-- {
		if got := c.mustTake(t, key, rate); !got.Allowed || got.Remaining != left || got.RetryAfter != 0 {
			t.Fatalf("got %+v, want allowed with %d left", got, left)
		}
	}
}

func wantRefused(t *testing.T, c counter, key ratelimit.Key, rate ratelimit.Rate) time.Duration {
	t.Helper()
	got := c.mustTake(t, key, rate)
	if got.Allowed || got.Remaining != 0 || got.RetryAfter <= 0 || got.RetryAfter > rate.Interval() {
		t.Fatalf("got %+v, want refused for at most %v", got, rate.Interval())
	}
	return got.RetryAfter
}

func onePerInterval(t *testing.T, c counter) {
	t.Helper()
	exhaust(t, c, account("a"), minutely)
	for range 5 {
		wantRefused(t, c, account("a"), minutely)
		c.advance(time.Minute)
		if got := c.mustTake(t, account("a"), minutely); !got.Allowed || got.Remaining != 0 {
			t.Fatalf("after an interval: %+v", got)
		}
	}
	c.advance(10*time.Minute + time.Second)
	if got := c.mustTake(t, account("a"), minutely); got.Remaining != 9 {
		t.Errorf("after ten intervals: %+v", got)
	}
}

func exactWait(t *testing.T, c counter) {
	t.Helper()
	exhaust(t, c, account("a"), minutely)
	c.advance(20 * time.Second)
	wait := wantRefused(t, c, account("a"), minutely)
	if c.exact && wait != 40*time.Second || wait < 30*time.Second || wait > 40*time.Second {
		t.Errorf("the wait is %v", wait)
	}
	if c.exact {
		c.advance(wait - time.Microsecond)
		wantRefused(t, c, account("a"), minutely)
		wait = time.Microsecond
	}
	c.advance(wait)
	if !c.mustTake(t, account("a"), minutely).Allowed {
		t.Error("refused after the wait")
	}
}

func rejectionsAreFree(t *testing.T, c counter) {
	t.Helper()
	exhaust(t, c, account("a"), minutely)
	for range 100 {
		wantRefused(t, c, account("a"), minutely)
	}
	c.advance(time.Minute)
	if !c.mustTake(t, account("a"), minutely).Allowed {
		t.Error("rejections were counted")
	}
}

func separateKeys(t *testing.T, c counter) {
	t.Helper()
	once := ratelimit.Rate{Requests: 1, Window: time.Hour}
	write := account("a")
	write.Class = "write"
	nowhere := ratelimit.Key{Class: "read"}
	keys := []ratelimit.Key{
		account(
			"a",
		),
		account("b"),
		write,
		nowhere,
		network("192.0.2.1/32"),
		network("192.0.2.2/32"),
		network("2001:db8::/64"),
		network("2001:db8:0:1::/64"),
		{Class: "read", Account: "a", Network: netip.MustParsePrefix("192.0.2.3/32")},
	}
	for i, key := range keys[:len(keys)-1] {
		if !c.mustTake(t, key, once).Allowed {
			t.Errorf("key %d shares a counter", i)
		}
	}
	for _, key := range keys[:len(keys)-1] {
		wantRefused(t, c, key, once)
	}
}

func recovery(t *testing.T, c counter) {
	t.Helper()
	exhaust(t, c, network("192.0.2.1/32"), minutely)
	c.advance(time.Hour)
	exhaust(t, c, network("192.0.2.1/32"), minutely)
}

func concurrentRequests(t *testing.T, c counter) {
	t.Helper()
	var group sync.WaitGroup
	var allowed atomic.Int64
	for range 100 {
		group.Go(func() {
			if decision, err := c.take(account("a"), ratelimit.Rate{Requests: 10, Window: time.Hour}); err != nil {
				t.Error(err)
			} else if decision.Allowed {
				allowed.Add(1)
			}
		})
	}
	group.Wait()
	if allowed.Load() != 10 {
		t.Errorf("%d were allowed, want 10", allowed.Load())
	}
}

func oddWindows(t *testing.T, c counter) {
	t.Helper()
	for _, rate := range []ratelimit.Rate{
		{Requests: 7, Window: time.Hour}, {Requests: 1, Window: 24 * time.Hour}, {Requests: 999, Window: 24 * time.Hour},
	} {
		key := account(fmt.Sprint(rate))
		exhaust(t, c, key, rate)
		wantRefused(t, c, key, rate)
	}
}

// Redis and the process make the same decisions for random sequences.
func TestRedisDecidesLikeTheProcess(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // G404: repeatable
			process, redis := inProcess(t), inMiniredis(t)
			rate := ratelimit.Rate{
				Requests: 1 + random.IntN(20), Window: time.Duration(1+random.IntN(100_000)) * time.Second,
			}
			for step := range 300 {
				if random.IntN(4) == 0 {
					pause := time.Duration(random.Int64N(int64(rate.Window / 4))).Truncate(time.Microsecond)
					process.advance(pause)
					redis.advance(pause)
				}
				key := account(strconv.Itoa(random.IntN(3)))
				want, got := process.mustTake(t, key, rate), redis.mustTake(t, key, rate)
				if got != want {
					t.Fatalf("step %d with %+v: Redis says %+v, the process %+v", step, rate, got, want)
				}
			}
		})
	}
}
