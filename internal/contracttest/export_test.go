package contracttest

import (
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// What the tests see of the unexported parts.
type (
	Contract = contract
	Record   = record
)

var (
	Parse       = parse
	NewContract = newContract
	NewRecord   = newRecord
	Account     = account
	FullRun     = fullRun
	Violations  = violations
)

func NewTransportOf(tb testing.TB, c *Contract, r *Record) http.RoundTripper {
	tb.Helper()
	return newTransport(tb, nil, c, r)
}

func (c *contract) Operations() []Operation { return c.operations }

func (c *contract) Report(r *Record, w io.Writer) error { return c.report(r, w) }

func (r *record) Add(operation string, statuses ...int) { r.add(operation, statuses...) }

// ExactStatuses are those that the operation documents by number.
func (op Operation) ExactStatuses() []int {
	var all []int
	for _, text := range op.statuses() {
		if status, ok := op.exact(text); ok {
			all = append(all, status)
		}
	}
	return all
}

// Route finds what a request asks for, in the terms of the validator.
func (c *contract) Route(req *http.Request) (*routers.Route, Operation, bool) {
	op, _, found := c.find(req.Method, req.URL.EscapedPath())
	return &routers.Route{
		Spec: c.doc, Path: op.Path, PathItem: c.doc.Paths.Value(op.Path), Method: op.Method, Operation: op.spec,
	}, op, found
}

// DeclaresQuery reports whether the operation has this query parameter.
func (op Operation) DeclaresQuery(name string) bool {
	return op.params.GetByInAndName(openapi3.ParameterInQuery, name) != nil
}

// Validation are the options under which the validator agrees with this package.
func Validation() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{openapi3.WithStringFormatValidators(textFormats())}
}

// Decode is the strict decoder.
func Decode(text []byte) (any, error) { return decode(text) }

// What the rules of the contract are checked with.
func (c *contract) Doc() *openapi3.T                { return c.doc }
func (c *contract) Roles() []string                 { return c.roles }
func (c *contract) ProblemStatuses() map[string]int { return c.problems }
func (c *contract) FieldCodes() map[string]bool     { return c.fieldCodes }
func (c *contract) CheckCode(problem map[string]any, status int) []string {
	return c.checkCode(problem, status)
}
func (op Operation) Spec() *openapi3.Operation       { return op.spec }
func (op Operation) Parameters() openapi3.Parameters { return op.params }
func DefaultStatuses() []int                         { return defaultStatuses }
func BreaksRequest(schema *openapi3.Schema, value any) error {
	return visit(schema, value, openapi3.VisitAsRequest())
}
