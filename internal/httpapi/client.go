package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/telemetry"
)

// proxies knows whose X-Forwarded-* headers to believe. Everybody can send them; only our own proxies are telling.
type proxies struct {
	trusted  []netip.Prefix
	clientIP echo.IPExtractor
}

func newProxies(trusted []netip.Prefix) *proxies {
	if len(trusted) == 0 {
		return &proxies{clientIP: echo.ExtractIPDirect()}
	}
	// Echo reads X-Forwarded-For from right to left, up to the first address that is not one of these.
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		prefix = prefix.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return &proxies{trusted: trusted, clientIP: echo.ExtractIPFromXFFHeader(options...)}
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
	if len(p.trusted) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range p.trusted {
		if prefix.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// caller is who sends a request: the program, and the account once authenticate knows it. A request has one, put into its
// context once and filled in on the way.
type caller struct {
	client domain.Client
	actor  domain.Actor
}

type callerKey struct{}

func withCaller(ctx context.Context, client domain.Client) context.Context {
	return context.WithValue(ctx, callerKey{}, &caller{client: client})
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
