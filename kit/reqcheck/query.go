package reqcheck

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// maxQueryParameters is the limit of parameters in a query, and of parts in a parameter without
// maxItems.
const maxQueryParameters = 64

// parseQuery parses a query unless it has too many parameters.
func (o *operation) parseQuery(raw string) (query url.Values, refused []problem.FieldError, err error) {
	most := uint64(maxQueryParameters)
	for _, p := range o.parameters {
		if p.in == openapi3.ParameterInQuery && p.explode && p.isList() {
			most += p.maxParts()
		}
	}
	if uint64(strings.Count(raw, "&")) >= most { //nolint:gosec // G115: a count
		return nil, []problem.FieldError{{
			In: openapi3.ParameterInQuery, Code: "too_many_parameters",
			Detail: fmt.Sprintf("Must have at most %d parameters.", most),
		}}, nil
	}
	if raw == "" {
		return nil, nil, nil
	}
	if query, err = url.ParseQuery(raw); err != nil {
		return nil, nil, errMalformed.WithDetail("The query cannot be read.").Because(err)
	}
	return query, nil, nil
}

// maxParts returns the limit of parts in a list or an object that is one text.
func (p *parameter) maxParts() uint64 {
	switch {
	case p.isList() && p.schema.MaxItems != nil:
		return *p.schema.MaxItems
	case !p.isList():
		return 2 * maxQueryParameters // names and values
	default:
		return maxQueryParameters
	}
}

// hasTooManyParts reports whether a text has more than maxParts.
func (p *parameter) hasTooManyParts(text, delimiter string) bool {
	return uint64(strings.Count(text, delimiter)) >= p.maxParts() //nolint:gosec // G115: a count
}
