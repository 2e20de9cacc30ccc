package contracttest

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Exports for the tests.
var (
	NewContract = newContract
	IsFullRun   = isFullRun
)

// Breaches returns what [Contract.CheckRules] reports.
func (c *Contract) Breaches() []string { return c.breaches() }

// See records statuses of an operation.
func (c *Contract) See(operation string, statuses ...int) {
	for _, status := range statuses {
		c.seen.add(operation, status)
	}
}

// ExactStatuses returns the statuses that the operation documents by number.
func (op Operation) ExactStatuses() []int {
	var all []int
	for _, text := range op.statuses() {
		if status, ok := op.exact(text); ok {
			all = append(all, status)
		}
	}
	return all
}

// Route returns the operation of a request, as the independent validator needs it.
func (c *Contract) Route(req *http.Request) (*routers.Route, Operation, bool) {
	op, _, found := c.find(req.Method, req.URL.EscapedPath())
	return &routers.Route{
		Spec: c.doc, Path: op.Path, PathItem: c.doc.Paths.Value(op.Path), Method: op.Method, Operation: op.spec,
	}, op, found
}

// DeclaresQuery reports whether the operation has a query parameter.
func (op Operation) DeclaresQuery(name string) bool {
	return op.params.GetByInAndName(openapi3.ParameterInQuery, name) != nil
}

// Validation returns the options of the independent validator.
func Validation() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{openapi3.WithStringFormatValidators(textFormats())}
}

// Decode is the strict decoder.
func Decode(text []byte) (any, error) { return decode(text) }

// TextBreaches is for the test of CheckPublished.
var TextBreaches = textBreaches
