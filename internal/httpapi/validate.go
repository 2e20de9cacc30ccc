package httpapi

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"
)

const (
	mediaTypeJSON = "application/json"
	// maxBodyBytes is the most that is read of a body. No operation needs more.
	maxBodyBytes = 64 << 10
)

// validatedBodyKey is where, in Echo's context, the validated body waits for the binder.
const validatedBodyKey = "validated_body"

// validate holds every request of an operation against the contract before the handler sees it: parameters, media type,
// size, syntax, and the schema. The handler then gets the very value that was validated, see binder.
func validate(c *contract) echo.MiddlewareFunc {
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
				value, wrong, err := readBody(ctx, op.body, op.strictBody)
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
// parameters in them, so some would be unescaped twice: the handler would not get what was validated.
func routeEscaped(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		requested := ctx.Request().URL
		requested.RawPath = requested.EscapedPath()
		return next(ctx)
	}
}

// readBody reads the body and returns its value together with everything that is wrong with it. The error is for a body
// that cannot be read at all.
func readBody(ctx echo.Context, schema *openapi3.Schema, strict bool) (any, []fieldError, error) {
	r := ctx.Request()
	if err := checkMediaType(r.Header); err != nil {
		return nil, nil, err
	}
	if r.ContentLength > maxBodyBytes {
		return nil, nil, errBodyTooLarge
	}
	data, err := io.ReadAll(http.MaxBytesReader(ctx.Response(), r.Body, maxBodyBytes))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, nil, errBodyTooLarge
	}
	if err != nil {
		return nil, nil, errMalformed.withDetail("The body ended early or could not be read.").because(err)
	}
	value, found, err := decodeStrict(data, func(steps []string) bool { return mayHaveLines(schema, steps) })
	switch {
	case errors.Is(err, errEmptyBody):
		return nil, nil, errMalformed.withDetail("The body is empty.")
	case errors.Is(err, errTooDeep):
		return nil, nil, errMalformed.withDetail(fmt.Sprintf("The body is nested more than %d levels deep.", maxDepth))
	case err != nil:
		return nil, nil, errMalformed.withDetail(
			"The body is not one valid JSON value in UTF-8, or it repeats a member.").because(err)
	}
	if err := schema.VisitJSON(value, schemaOptions...); err != nil {
		found = append(found, schemaErrors(err)...)
	}
	if !strict {
		found = append(found, undeclared(schema, value)...)
	}
	return value, found, nil
}

// checkMediaType accepts application/json in UTF-8, as it is.
func checkMediaType(header http.Header) error {
	for _, coding := range header.Values(echo.HeaderContentEncoding) {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return errUnsupportedMedia.withDetail("Compressed bodies are not accepted.")
		}
	}
	if len(header.Values(echo.HeaderContentType)) > 1 {
		return errUnsupportedMedia
	}
	mediaType, parameters, err := mime.ParseMediaType(header.Get(echo.HeaderContentType))
	if err != nil || mediaType != mediaTypeJSON {
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
