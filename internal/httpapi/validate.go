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

	"example.com/plinth/kit/problem"
)

// validate holds every request of an operation against the contract before the handler sees it: parameters, media type,
// size, syntax, and the schema. The handler then gets the very value that was validated, see binder.
func validate(c *contract) echo.MiddlewareFunc {
	memory := newBodyMemory()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op == nil {
				return next(ctx)
			}
			query, found, err := op.checkParameters(ctx.Request(), pathParameters(ctx))
			if err != nil {
				return err
			}
			if !op.HasRanges { // File would answer what the contract does not have; a server may ignore it (RFC 9110, section 14.2)
				ctx.Request().Header.Del("Range")
			}
			if op.rewritesQuery {
				clear(ctx.QueryParams())
				maps.Copy(ctx.QueryParams(), query)
			}
			if op.body != nil {
				wrong, release, err := op.body.read(ctx, memory)
				defer release()
				if err != nil {
					return err
				}
				found = append(found, wrong...)
			}
			if len(found) > 0 {
				return problem.Invalid(found...)
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
	body, sent := ctx.Get(validatedBodyKey).(*validatedBody)
	if !sent {
		return io.EOF // which the generated code takes for a body that was left out
	}
	if err := runtime.BindJSONValue(body.value, target); err != nil {
		return fmt.Errorf("binding a body that the contract allows: %w", err)
	}
	return nil
}
