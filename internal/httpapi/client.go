package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/telemetry"
)

// proxies knows whose X-Forwarded-* headers to believe. Everybody can send them; only our own proxies are telling.
type proxies struct{ trusted []netip.Prefix }

// clientIP implements echo.IPExtractor. It reads X-Forwarded-For from right to left, up to the first address that is not of a
// trusted proxy. Some proxies append ports. A list that holds anything else is not believed.
func (p *proxies) clientIP(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || len(p.trusted) == 0 {
		return echo.ExtractIPDirect()(r)
	}
	address := peer.Addr().Unmap()
	for _, header := range slices.Backward(r.Header[echo.HeaderXForwardedFor]) {
		for more := true; more; {
			var last string
			header, last, more = cutLast(header)
			forwarded, ok := parseForwarded(last)
			switch {
			case !p.trusts(address):
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

// parseForwarded reads an address, in brackets or not, with a port or not.
func parseForwarded(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), err == nil
}

func (p *proxies) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(p.trusted, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// isTLS reports whether the client's connection is encrypted, here or at a trusted proxy in front.
func (p *proxies) isTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return r.Header.Get(echo.HeaderXForwardedProto) == "https" && p.isTrusted(r)
}

// isTrusted reports whether the other end of the connection is one of our own proxies.
func (p *proxies) isTrusted(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.trusts(peer.Addr().Unmap())
}

// caller is who sends a request: the program, and the account once authenticate knows it. A request has one, put into its
// context once and filled in on the way.
type caller struct {
	client  domain.Client
	actor   domain.Actor
	bearer  auth.AccessClaims // of the token
	request *http.Request     // for what needs more of it than the contract hands over, see File
}

type callerKey struct{}

func withCaller(ctx context.Context, client domain.Client, r *http.Request) context.Context {
	return context.WithValue(ctx, callerKey{}, &caller{client: client, request: r})
}

// clientOf returns who is at the other end of a request.
func clientOf(ctx echo.Context, requestID string) domain.Client {
	client := domain.Client{UserAgent: cleanUserAgent(ctx.Request().UserAgent()), RequestID: requestID}
	if ip, err := netip.ParseAddr(ctx.RealIP()); err == nil {
		client.IP = ip.Unmap().WithZone("")
	}
	return client
}

func callerFrom(ctx context.Context) *caller {
	if found, ok := ctx.Value(callerKey{}).(*caller); ok {
		return found
	}
	return &caller{}
}

func clientFrom(ctx context.Context) domain.Client { return callerFrom(ctx).client }

// actorFrom returns who calls. In an operation that is public it is nobody, the zero Actor, who has no role.
func actorFrom(ctx context.Context) domain.Actor { return callerFrom(ctx).actor }

// maxUserAgentBytes is more than any browser sends.
const maxUserAgentBytes = 512

// cleanUserAgent makes a header, which may hold any bytes, fit for a database, a log and a page.
func cleanUserAgent(header string) string {
	cut := func(text string) string {
		return strings.ToValidUTF8(text[:min(len(text), maxUserAgentBytes)], "")
	}
	printable := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, cut(header))
	return cut(telemetry.Redact(printable))
}
