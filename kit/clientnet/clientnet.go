package clientnet

import "net/netip"

// Of returns the network of a client: its IPv4 address or, because a client with one IPv6 address
// has its whole /64, that. It returns the zero Prefix for the zero Addr.
func Of(ip netip.Addr) netip.Prefix {
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// Wider is a network that contains many networks of clients. Its limits are Percent of theirs.
type Wider struct {
	Prefix  netip.Prefix
	Percent int
}

// Around returns the wider networks of a client. IPv6 providers assign a /64, a /56 or a /48, so
// one client may have 65,536 networks.
func Around(ip netip.Addr) []Wider {
	if !ip.Is6() {
		return nil
	}
	network := Of(ip).Addr()
	return []Wider{
		{netip.PrefixFrom(network, 56).Masked(), 150},
		{netip.PrefixFrom(network, 48).Masked(), 200},
	}
}
