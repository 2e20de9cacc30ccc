package apispec

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// The extensions with the dates of a deprecated operation.
const (
	extensionDeprecatedSince = "x-deprecated-since"
	extensionSunset          = "x-sunset"
)

// Retirement holds the response headers of a deprecated operation.
type Retirement struct {
	Deprecation string // RFC 9745: @ and seconds since 1970
	Sunset      string // RFC 8594: an HTTP date
}

// newRetirement returns nil for an operation that is not deprecated. Deprecated operations need
// both dates, and others must have neither.
func newRetirement(op *openapi3.Operation) (*Retirement, error) {
	_, hasSince := op.Extensions[extensionDeprecatedSince]
	_, hasSunset := op.Extensions[extensionSunset]
	if !op.Deprecated {
		if hasSince || hasSunset {
			return nil, fmt.Errorf("has %s or %s and is not deprecated", extensionDeprecatedSince, extensionSunset)
		}
		return nil, nil //nolint:nilnil // most operations are not deprecated
	}
	since, err := dateOf(op, extensionDeprecatedSince)
	if err != nil {
		return nil, err
	}
	sunset, err := dateOf(op, extensionSunset)
	if err != nil {
		return nil, err
	}
	if !sunset.After(since) {
		return nil, errors.New("goes before it is deprecated")
	}
	return &Retirement{
		Deprecation: "@" + strconv.FormatInt(since.Unix(), 10), Sunset: sunset.Format(http.TimeFormat),
	}, nil
}

func dateOf(op *openapi3.Operation, extension string) (time.Time, error) {
	text, _ := op.Extensions[extension].(string)
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("is deprecated and needs %s: a date such as 2030-12-31", extension)
	}
	return day, nil
}
