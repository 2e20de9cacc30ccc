package httpapi

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"
)

const (
	mediaTypeJSON = "application/json"
	// mediaTypeMergePatch is what a PATCH means anyway (RFC 7396): absent members stay, null clears.
	mediaTypeMergePatch = "application/merge-patch+json"
	// maxBodyBytes is the most that is read of a body. No operation needs more.
	maxBodyBytes = 64 << 10
)

// validatedBodyKey is where, in Echo's context, the validated body waits for the binder.
const validatedBodyKey = "validated_body"

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
			if op.rewritesQuery {
				clear(ctx.QueryParams())
				maps.Copy(ctx.QueryParams(), query)
			}
			if op.body != nil {
				value, wrong, err := readBody(ctx, memory, op)
				if err != nil {
					return err
				}
				found = append(found, wrong...)
				ctx.Set(validatedBodyKey, value)
			}
			if len(found) > 0 {
				return validationProblem(found)
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

// readBody reads the body and returns its value together with everything that is wrong with it. The error is for a body
// that cannot be read at all.
func readBody(ctx echo.Context, memory *bodyMemory, op *operation) (any, []fieldError, error) {
	r := ctx.Request()
	if err := checkMediaType(r.Header, op.mediaTypes); err != nil {
		return nil, nil, err
	}
	data, release, err := memory.read(ctx.Response(), r, maxBodyBytes)
	defer release()
	if err != nil {
		return nil, nil, err
	}
	done, err := memory.decoding(r.Context(), len(data))
	if err != nil {
		return nil, nil, err
	}
	defer done()
	body, err := decodeStrict(r.Context(), data, op.body)
	switch {
	case errors.Is(err, errEmptyBody):
		return nil, nil, errMalformed.withDetail("The body is empty.")
	case errors.Is(err, errTooDeep):
		return nil, nil, errMalformed.withDetail(fmt.Sprintf("The body is nested more than %d levels deep.", maxDepth))
	case errors.Is(err, errMalformedJSON):
		return nil, nil, errMalformed.withDetail(
			"The body is not one valid JSON value in UTF-8, or it repeats a member.").because(err)
	case err != nil:
		return nil, nil, err
	case !body.complete:
		return nil, body.found, nil
	}
	found, err := validateValue(r.Context(), op.body, op.strictBody, body.value)
	found = slices.DeleteFunc(found, func(wrong fieldError) bool {
		// A pattern that excludes control characters says what is known already.
		known := fieldError{Pointer: wrong.Pointer, Code: codeControlCharacter, Detail: detailControlCharacter}
		return wrong.Code == "invalid_format" && slices.Contains(body.found, known)
	})
	return body.value, append(body.found, found...), err
}

// maxContentTypeBytes is more than any client sends.
const maxContentTypeBytes = 256

// checkMediaType accepts JSON in UTF-8, as it is, under one of the names.
func checkMediaType(header http.Header, accepted []string) error {
	for _, coding := range header.Values(echo.HeaderContentEncoding) {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return errUnsupportedMedia.withDetail("Compressed bodies are not accepted.")
		}
	}
	if len(header.Values(echo.HeaderContentType)) > 1 {
		return errUnsupportedMedia
	}
	contentType := header.Get(echo.HeaderContentType)
	if len(contentType) > maxContentTypeBytes {
		return errUnsupportedMedia
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !slices.Contains(accepted, mediaType) {
		return errUnsupportedMedia
	}
	for name, value := range parameters {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return errUnsupportedMedia
		}
	}
	return nil
}

// binder hands the validated body to the generated code, member names matched exactly.
type binder struct{}

// Bind implements echo.Binder.
func (binder) Bind(target any, ctx echo.Context) error {
	if err := runtime.BindJSONValue(ctx.Get(validatedBodyKey), target); err != nil {
		return fmt.Errorf("binding a body that the contract allows: %w", err)
	}
	return nil
}
