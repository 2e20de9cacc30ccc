package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// The contract's extensions that say since when an operation is deprecated, and when it goes.
const (
	extensionDeprecatedSince = "x-deprecated-since"
	extensionSunset          = "x-sunset"
)

// retirement announces the end of an operation in headers.
type retirement struct {
	deprecation string // RFC 9745: @ and seconds since 1970
	sunset      string // RFC 8594: an HTTP date
}

// newRetirement reads the dates of a deprecated operation; it returns nil for one that stays. Deprecating without saying
// until when, or the reverse, is an error.
func newRetirement(op *openapi3.Operation) (*retirement, error) {
	_, hasSince := op.Extensions[extensionDeprecatedSince]
	_, hasSunset := op.Extensions[extensionSunset]
	if !op.Deprecated {
		if hasSince || hasSunset {
			return nil, fmt.Errorf("has %s or %s and is not deprecated", extensionDeprecatedSince, extensionSunset)
		}
		return nil, nil //nolint:nilnil // no retirement is the usual case
	}
	since, err := date(op, extensionDeprecatedSince)
	if err != nil {
		return nil, err
	}
	sunset, err := date(op, extensionSunset)
	if err != nil {
		return nil, err
	}
	if !sunset.After(since) {
		return nil, errors.New("goes before it is deprecated")
	}
	return &retirement{
		deprecation: "@" + strconv.FormatInt(since.Unix(), 10), sunset: sunset.Format(http.TimeFormat),
	}, nil
}

func date(op *openapi3.Operation, extension string) (time.Time, error) {
	text, _ := op.Extensions[extension].(string)
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("is deprecated and needs %s: a date such as 2030-12-31", extension)
	}
	return day, nil
}

// announceRetirement tells the callers of deprecated operations, whatever the answer is.
func announceRetirement(c *contract) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op != nil && op.retirement != nil {
				header := ctx.Response().Header()
				header.Set("Deprecation", op.retirement.deprecation)
				header.Set("Sunset", op.retirement.sunset)
			}
			return next(ctx)
		}
	}
}
