package httpkit

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/telemetry"
)

// Caller is the sender of a request.
type Caller struct {
	Identity

	IP        netip.Addr // the zero Addr if unknown
	UserAgent string     // printable, without secrets
	RequestID string

	cookies   *Cookies      // nil unless the request uses them
	isCounted bool          // by a rate limit
	request   *http.Request // for [File]
}

// Identity is what an authenticator finds out about a caller. It is zero in public operations.
type Identity struct {
	Account   string // rate limits and streams are counted by it
	Principal any    // for the application, see [CallerOf]
}

type callerKey struct{}

// CallerOf returns the sender of a request from the context of its handler.
func CallerOf(ctx context.Context) *Caller {
	if found, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return found
	}
	return &Caller{}
}

// RequestID sets the id of a request and its [Caller]. Clients may send an id, unless it is
// malformed or looks like a token, which would be logged.
func RequestID(ids *idgen.Generator) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			r := ctx.Request()
			id := r.Header.Get(echo.HeaderXRequestID)
			if !isRequestID(id) || telemetry.Redact(id) != id {
				var err error
				if id, err = ids.New(); err != nil {
					return err
				}
			}
			ctx.Response().Header().Set(echo.HeaderXRequestID, id)
			caller := &Caller{UserAgent: cleanUserAgent(r.UserAgent()), RequestID: id, request: r}
			if ip, err := netip.ParseAddr(ctx.RealIP()); err == nil {
				caller.IP = ip.Unmap().WithZone("")
			}
			setContext(ctx, context.WithValue(telemetry.WithRequestID(r.Context(), id), callerKey{}, caller))
			return next(ctx)
		}
	}
}

const maxRequestIDBytes = 128

func isRequestID(id string) bool {
	isForbidden := func(r rune) bool {
		isAllowed := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r)
		return !isAllowed
	}
	return id != "" && len(id) <= maxRequestIDBytes && !strings.ContainsFunc(id, isForbidden)
}

// maxUserAgentBytes is more than browsers send.
const maxUserAgentBytes = 512

// cleanUserAgent makes a header, which may have any bytes, safe for a database, a log and a page.
func cleanUserAgent(header string) string {
	truncate := func(text string) string {
		return strings.ToValidUTF8(text[:min(len(text), maxUserAgentBytes)], "")
	}
	printable := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, truncate(header))
	return truncate(telemetry.Redact(printable))
}

// Authenticate calls authenticate for every operation of the contract, public ones included, and
// keeps the Identity that it returns in the [Caller].
func Authenticate(
	contract *apispec.Contract, authenticate func(echo.Context, *apispec.Operation) (Identity, error),
) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op == nil {
				return next(ctx)
			}
			identity, err := authenticate(ctx, op)
			if err != nil {
				return err
			}
			CallerOf(ctx.Request().Context()).Identity = identity
			return next(ctx)
		}
	}
}
