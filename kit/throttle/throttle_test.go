package throttle_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/throttle"
)

// counters returns the limits of an attempt, and which of them refuse.
func counters(own []byte, ip string) (free []int, refusing []bool) {
	options := throttle.Options{AccountFailures: 4, NetworkFailures: 40, TotalFailures: 100}
	digests := throttle.NewDigests([]byte("key"))
	for _, counter := range options.Counters(digests, "ada@example.com", own, netip.MustParseAddr(ip)) {
		free = append(free, counter.Policy.Free)
		refusing = append(refusing, !counter.CountsOnly)
	}
	return free, refusing
}

func TestWiderNetworksHaveHigherLimits(t *testing.T) {
	t.Parallel()
	free, refusing := counters(nil, "2001:db8::1")
	if want := []int{4, 6, 8, 100, 40, 60, 80}; !slices.Equal(free, want) || slices.Contains(refusing, false) {
		t.Errorf("the limits are %d, want %d, and refuse: %t", free, want, refusing)
	}
}

func TestNetworksDoNotRefuseKnownDevices(t *testing.T) {
	t.Parallel()
	free, refusing := counters([]byte("device"), "192.0.2.1")
	if !slices.Equal(free, []int{4, 40}) || !slices.Equal(refusing, []bool{true, false}) {
		t.Errorf("the limits are %d and refuse: %t", free, refusing)
	}
}

func TestDigestsDependOnKeyAndKind(t *testing.T) {
	t.Parallel()
	one, other := throttle.NewDigests([]byte("one")), throttle.NewDigests([]byte("other"))
	if !bytes.Equal(one.Account("Ada@Example.com"), one.Account("ada@example.com")) {
		t.Error("the digest of an e-mail depends on case")
	}
	if bytes.Equal(one.Account("x"), other.Account("x")) || bytes.Equal(one.Device("x"), one.Session("x")) {
		t.Error("digests of another key or kind are the same")
	}
}

func TestSharedDigestsReadTheKeyOnce(t *testing.T) {
	t.Parallel()
	errBroken, calls := errors.New("broken"), 0
	shared := throttle.NewSharedDigests(strings.NewReader(strings.Repeat("x", 100)),
		func(_ context.Context, candidate []byte) ([]byte, error) {
			calls++
			if calls == 1 {
				return nil, errBroken
			}
			return candidate, nil
		})
	if _, err := shared.Load(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the error of the store", err)
	}
	for range 2 {
		digests, err := shared.Load(t.Context())
		if err != nil || string(digests.Key()) != strings.Repeat("x", 32) {
			t.Errorf("got the key %q, %v", digests.Key(), err)
		}
	}
	if calls != 2 {
		t.Errorf("the key was read in %d calls, want 2", calls)
	}
}
