package clientnet_test

import (
	"fmt"
	"net/netip"
	"testing"

	"example.com/plinth/kit/clientnet"
)

func Example() {
	ip := netip.MustParseAddr("2001:db8:1:2:3::4")
	fmt.Println(clientnet.Of(ip))
	for _, wider := range clientnet.Around(ip) {
		fmt.Println(wider.Prefix, wider.Percent)
	}
	// Output:
	// 2001:db8:1:2::/64
	// 2001:db8:1::/56 150
	// 2001:db8:1::/48 200
}

func TestNetworksOfIPv4AreAddresses(t *testing.T) {
	t.Parallel()
	ip := netip.MustParseAddr("192.0.2.1")
	if got := clientnet.Of(ip); got != netip.MustParsePrefix("192.0.2.1/32") {
		t.Errorf("the network is %s", got)
	}
	if got := clientnet.Around(ip); got != nil {
		t.Errorf("the wider networks are %v", got)
	}
	if clientnet.Of(netip.Addr{}).IsValid() || clientnet.Around(netip.Addr{}) != nil {
		t.Error("an unknown address has a network")
	}
}
