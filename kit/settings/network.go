package settings

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func isHost(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`).MatchString(text)
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// isAddress reports whether text is a port with a host, which may be empty. Port 0 stands for a
// free one.
func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	return err == nil && (host == "" || isHost(host)) && (port == "0" || isPort(port))
}

// isLocal reports whether a host, perhaps with a port, is this machine or a socket on it.
func isLocal(host string) bool {
	host, _ = url.PathUnescape(host) // checked before
	if strings.HasPrefix(host, "/") {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// networks reads the networks of trusted proxies, as CIDRs and single addresses.
func (r *Reader) networks(v *value) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, item := range r.list(v) {
		prefix, problem := parseNetwork(item)
		if problem == "" && prefix.Bits() == 0 && r.strict() {
			problem = "would let every client choose the address that it seems to come from"
		}
		if problem != "" {
			r.Problem(v.Name, show(item)+" "+problem)
			continue
		}
		prefixes = append(prefixes, prefix)
	}
	if problem := trustsTooMany(prefixes); problem != "" && r.strict() && r.Valid(v.Name) {
		r.Problem(v.Name, problem)
	}
	return prefixes
}

// parseNetwork reads a CIDR or a single address. problem is empty or says what is wrong.
func parseNetwork(text string) (prefix netip.Prefix, problem string) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), ""
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, "is not a network such as 10.0.0.0/8 or an address"
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, "is an IPv4 network in IPv6 form: write it as IPv4"
	case prefix != prefix.Masked():
		return netip.Prefix{}, "has bits set beyond its length: did you mean " + prefix.Masked().String() + "?"
	}
	return prefix, ""
}

// trustsTooMany says why networks together are too much of the Internet to be those of proxies, or
// nothing.
func trustsTooMany(prefixes []netip.Prefix) string {
	shares := map[string]float64{}
	for i, prefix := range prefixes {
		inAnother := slices.ContainsFunc(prefixes[:i], func(other netip.Prefix) bool { return other == prefix }) ||
			slices.ContainsFunc(prefixes, func(other netip.Prefix) bool {
				return other.Bits() < prefix.Bits() && other.Contains(prefix.Addr())
			})
		kind, most := "IPv4", 16.0
		if prefix.Addr().Is6() {
			kind, most = "IPv6", 256
		}
		if !inAnother && !prefix.Addr().IsPrivate() {
			shares[kind] += most / float64(uint64(1)<<min(prefix.Bits(), 63))
		}
		if shares[kind] >= 1 {
			return fmt.Sprintf("is 1/%.0f or more of all %s addresses, which lets every client there choose the "+
				"address that it seems to come from: list the proxies only", most, kind)
		}
	}
	return ""
}

// checkOrigins checks the origins that browsers may call from.
func (r *Reader) checkOrigins(v *value, origins []string) {
	for _, origin := range origins {
		switch {
		case origin != "*":
			r.checkOrigin(v, origin)
		case r.strict():
			r.Problem(v.Name, "* is for development only: list the origins")
		case len(origins) > 1:
			r.Problem(v.Name, "* includes the other origins: remove it or them")
		}
	}
}

func (r *Reader) checkOrigin(v *value, origin string) {
	if problem := originProblem(origin); problem != "" {
		r.Problem(v.Name, show(origin)+" "+problem)
		return
	}
	if host, found := strings.CutPrefix(origin, "http://"); found && r.strict() && !isLocal(host) {
		r.Warn(v.Name, origin+" is unencrypted, so its pages can be changed in transit: use https")
	}
}

// originProblem says why text is not an origin as browsers send it (RFC 6454, section 6.2), or
// nothing. Origins are compared byte by byte, so any other form would never match.
func originProblem(text string) string {
	const want = "is not an origin such as https://app.example.com"
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return want
	}
	canonical := u.Scheme + "://" + strings.ToLower(u.Hostname())
	if strings.Contains(u.Hostname(), ":") {
		canonical = u.Scheme + "://[" + strings.ToLower(u.Hostname()) + "]"
	}
	standardPort := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if port := u.Port(); port != "" && port != standardPort {
		canonical += ":" + port
	}
	switch {
	case u.Port() != "" && !isPort(u.Port()):
		return "has a port that is not from 1 to 65535"
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > 127 }) || strings.Contains(u.Host, "*"):
		return "needs its exact host name, in Punycode where it is not ASCII"
	case text != canonical:
		return "is not what browsers send: write " + strconv.Quote(canonical)
	}
	return ""
}
