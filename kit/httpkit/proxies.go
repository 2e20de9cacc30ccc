package httpkit

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// Proxies are the networks of trusted reverse proxies. Any client can send X-Forwarded headers, so
// only those of trusted proxies are used.
type Proxies []netip.Prefix

// ClientIP is an [echo.IPExtractor]. It reads X-Forwarded-For from right to left, up to the first
// address that is not of a trusted proxy. Addresses may have ports. A malformed list is ignored.
func (p Proxies) ClientIP(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || len(p) == 0 {
		return echo.ExtractIPDirect()(r)
	}
	address := peer.Addr().Unmap()
	for _, header := range slices.Backward(r.Header[echo.HeaderXForwardedFor]) {
		for more := true; more; {
			var last string
			header, last, more = cutLast(header)
			forwarded, ok := parseForwarded(last)
			switch {
			case !p.trust(address):
				return address.String()
			case !ok:
				return peer.Addr().Unmap().String()
			}
			address = forwarded
		}
	}
	return address.String()
}

// cutLast cuts a comma-separated list before its last element, and reports whether there are more.
func cutLast(list string) (before, last string, more bool) {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		return list[:i], strings.TrimSpace(list[i+1:]), true
	}
	return "", strings.TrimSpace(list), false
}

// parseForwarded parses an address, with or without brackets and a port.
func parseForwarded(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), err == nil
}

func (p Proxies) trust(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// isTLS reports whether the client's connection is encrypted, here or at a trusted proxy.
func (p Proxies) isTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return r.Header.Get(echo.HeaderXForwardedProto) == "https" && p.trustPeer(r)
}

// trustPeer reports whether the peer of the connection is a trusted proxy.
func (p Proxies) trustPeer(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.trust(peer.Addr().Unmap())
}
