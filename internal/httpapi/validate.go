package httpapi

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"

	"example.com/plinth/kit/reqcheck"
)

// checkedKey is where Echo's context has the checked request.
const checkedKey = "checked"

// validate checks every request of an operation before the handler sees it: parameters, media type,
// size, syntax and schema. Handlers get the validated values, see binder.
func validate(c *contract) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op == nil {
				return next(ctx)
			}
			checked, err := c.checker.Check(op.Operation, ctx.Response(), ctx.Request(), pathParameters(ctx))
			if err != nil {
				return err
			}
			defer checked.Release()
			if !op.HasRanges { // a server may ignore it (RFC 9110, section 14.2); File would answer with a status outside of the contract
				ctx.Request().Header.Del("Range")
			}
			if checked.Query != nil {
				clear(ctx.QueryParams())
				maps.Copy(ctx.QueryParams(), checked.Query)
			}
			if checked.HasJSON {
				forBinder := checked // allocated only here
				ctx.Set(checkedKey, &forBinder)
			}
			return next(ctx)
		}
	}
}

// pathParameters returns what the handlers get to see: the generated code unescapes too.
func pathParameters(ctx echo.Context) map[string]string {
	names, values := ctx.ParamNames(), ctx.ParamValues()
	parameters := make(map[string]string, len(names))
	for i, name := range names {
		parameters[name], _ = url.PathUnescape(values[i]) // escaped well, or net/http had refused it
	}
	return parameters
}

// routeEscaped has requests routed by the path as it was sent. Echo would unescape most paths, and the generated code the
// parameters in them, so some would be unescaped twice: the handler would not get what was validated. Only what never
// needs an escape is unescaped: /%68ealth is /health (RFC 3986, section 6.2.2.2), and %2F stays.
func routeEscaped(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		requested := ctx.Request().URL
		requested.RawPath = unescapeUnreserved(requested.EscapedPath())
		return next(ctx)
	}
}

// unescapeUnreserved replaces the escapes of letters, digits and -._~ by what they stand for. It never looks at its own
// output, so that %2568 stays what it is.
func unescapeUnreserved(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	b.Grow(len(path))
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			if code, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil && isUnreserved(byte(code)) {
				b.WriteByte(byte(code))
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// binder hands the validated body to the generated code, member names matched exactly.
type binder struct{}

// Bind implements echo.Binder.
func (binder) Bind(target any, ctx echo.Context) error {
	checked, sent := ctx.Get(checkedKey).(*reqcheck.Request)
	if !sent {
		return io.EOF // generated code takes it for an absent body
	}
	if err := runtime.BindJSONValue(checked.JSON, target); err != nil {
		return fmt.Errorf("binding a body that the contract allows: %w", err)
	}
	return nil
}
