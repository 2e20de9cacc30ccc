package httpkit

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/reqcheck"
)

// checkedKey is the key in Echo's context of a checked request with a JSON body.
const checkedKey = "checked"

// Validate validates every request of an operation before the handler sees it: parameters, media
// type, size, syntax and schema. Handlers get the validated values, see [Binder].
func Validate(contract *apispec.Contract, checker *reqcheck.Checker) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op == nil {
				return next(ctx)
			}
			checked, err := checker.Check(op, ctx.Response(), ctx.Request(), pathParameters(ctx))
			if err != nil {
				return err
			}
			defer checked.Release()
			if !op.HasRanges { // [File] would respond with a status outside of the contract
				ctx.Request().Header.Del("Range") // servers may ignore it (RFC 9110, section 14.2)
			}
			if checked.Query != nil {
				clear(ctx.QueryParams())
				maps.Copy(ctx.QueryParams(), checked.Query)
			}
			if checked.HasJSON {
				body := checked // allocated only here
				ctx.Set(checkedKey, &body)
			}
			return next(ctx)
		}
	}
}

// pathParameters returns the path parameters, unescaped as in generated code.
func pathParameters(ctx echo.Context) map[string]string {
	names, values := ctx.ParamNames(), ctx.ParamValues()
	if len(names) == 0 {
		return nil
	}
	parameters := make(map[string]string, len(names))
	for i, name := range names {
		parameters[name], _ = url.PathUnescape(values[i]) // net/http rejects malformed escapes
	}
	return parameters
}

// RouteEscaped routes by the escaped path; use it with [echo.Echo.Pre]. Echo would unescape most
// paths and generated code the parameters in them, so that handlers would get some unescaped twice.
// Only unreserved characters are unescaped: /%68ealth is /health (RFC 3986, section 6.2.2.2), and
// %2F stays.
func RouteEscaped(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		requested := ctx.Request().URL
		requested.RawPath = unescapeUnreserved(requested.EscapedPath())
		return next(ctx)
	}
}

// unescapeUnreserved unescapes letters, digits and -._~ once: %2568 stays.
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

// Binder is an [echo.Binder] that binds the validated body in generated code. Names of members must
// match exactly.
type Binder struct{}

// Bind implements [echo.Binder].
func (Binder) Bind(target any, ctx echo.Context) error {
	checked, sent := ctx.Get(checkedKey).(*reqcheck.Request)
	if !sent {
		return io.EOF // generated code takes it for an absent body
	}
	if err := runtime.BindJSONValue(checked.JSON, target); err != nil {
		return fmt.Errorf("binding a valid body: %w", err)
	}
	return nil
}
