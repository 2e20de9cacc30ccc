package throttle_test

import (
	"fmt"
	"net/netip"

	"example.com/plinth/kit/throttle"
)

func ExampleOptions_Counters() {
	options := throttle.Options{AccountFailures: 5, NetworkFailures: 50, TotalFailures: 100}
	digests := throttle.NewDigests([]byte("a key that all servers share"))
	for _, counter := range options.Counters(digests, "ada@example.com", nil, netip.MustParseAddr("192.0.2.1")) {
		fmt.Println(len(counter.Key.Account) > 0, len(counter.Key.Source) > 0, counter.Policy.Free)
	}
	// Output:
	// true true 5
	// true false 100
	// false true 50
}
