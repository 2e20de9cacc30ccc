package reqcheck

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
)

// Checker validates the requests of a contract. It bounds the memory that concurrent bodies take.
type Checker struct {
	operations map[*apispec.Operation]*operation
	memory     *memory
}

// Compile returns the Checker of a contract. It returns an error, with a remedy, for parameters and
// bodies that generated code would not bind as validated.
func Compile(contract *apispec.Contract) (*Checker, error) {
	c := &Checker{operations: map[*apispec.Operation]*operation{}, memory: newMemory()}
	var problems []error
	for _, spec := range contract.Operations() {
		o, err := newOperation(spec)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", spec.Method, spec.Path, err))
		}
		c.operations[spec] = o
	}
	return c, apispec.Gaps(problems...)
}

// Request is what validation made of a request.
type Request struct {
	// Query is the query for generated code, if validation changed it; otherwise nil.
	Query url.Values
	// JSON is the decoded body, if HasJSON. Other bodies are in the http.Request.
	JSON    any
	HasJSON bool

	held int64
	from *memory
}

// Release frees the memory of the body. The body must not be used afterwards.
func (r *Request) Release() {
	if r.held > 0 {
		r.from.held.Release(r.held)
		r.held = 0
	}
}

// Check validates a request of an operation. path has the path parameters, unescaped. Unless it
// returns an error, callers must call Release once the request has been served.
//
// Errors are of type [problem.Problem], or that of the context. Multipart forms and bytes are not
// read: their readers validate them, and return such errors.
func (c *Checker) Check(
	op *apispec.Operation, w http.ResponseWriter, r *http.Request, path map[string]string,
) (Request, error) {
	o := c.operations[op]
	query, found, err := o.checkParameters(r, path)
	if err != nil {
		return Request{}, err
	}
	checked := Request{from: c.memory}
	if o.rewritesQuery {
		checked.Query = query
	}
	if o.body != nil {
		wrong, err := o.body.read(w, r, &checked)
		if err != nil {
			checked.Release()
			return Request{}, err
		}
		found = append(found, wrong...)
	}
	if len(found) > 0 {
		checked.Release()
		return Request{}, problem.Invalid(found...)
	}
	return checked, nil
}

// operation is an operation with its parameters and its body.
type operation struct {
	parameters    []*parameter
	rewritesQuery bool         // a parameter replaces its part of the query
	body          *requestBody // nil if it takes none
}

func newOperation(spec *apispec.Operation) (*operation, error) {
	o := &operation{}
	if err := o.addParameters(spec.Parameters); err != nil {
		return nil, err
	}
	body, err := newBody(spec)
	if err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	o.body = body
	return o, nil
}

// addParameters returns an error if two parameters have a name in the query in common.
func (o *operation) addParameters(refs openapi3.Parameters) error {
	taken := map[string]string{} // names in the query, with the parameter that they belong to
	for _, ref := range refs {
		p, err := newParameter(ref.Value)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", ref.Value.Name, err)
		}
		for _, name := range p.queryNames() {
			if other, isTaken := taken[name]; isTaken {
				return fmt.Errorf("parameter %s: %q is also a name of the parameter %s: rename it", p.name, name, other)
			}
			taken[name] = p.name
		}
		o.parameters = append(o.parameters, p)
		o.rewritesQuery = o.rewritesQuery || p.asJSON || p.style == openapi3.SerializationDeepObject
	}
	slices.SortFunc(o.parameters, func(a, b *parameter) int { return cmp.Compare(a.in+a.name, b.in+b.name) })
	return nil
}

// declares reports whether a query may have a parameter of this name.
func (o *operation) declares(name string) bool {
	return slices.ContainsFunc(o.parameters, func(p *parameter) bool {
		return p.in == openapi3.ParameterInQuery && (p.belongsTo(name) || slices.Contains(p.queryNames(), name))
	})
}

// checkParameters returns the query, with rewritten parameters, and the faults of all parameters.
// The error is for a query that cannot be parsed, which URL.Query would ignore.
func (o *operation) checkParameters(r *http.Request, path map[string]string) (url.Values, []problem.FieldError, error) {
	query, found, err := o.parseQuery(r.URL.RawQuery)
	if err != nil || found != nil {
		return nil, found, err
	}
	for name := range query {
		if !o.declares(name) {
			found = append(found, problem.FieldError{
				In: openapi3.ParameterInQuery, Name: problem.Quotable(name), Code: "unknown_parameter",
				Detail: "The contract has no such parameter.",
			})
		}
	}
	for _, p := range o.parameters {
		found = append(found, p.check(sent{request: r, path: path, query: query})...)
	}
	slices.SortStableFunc(found, func(a, b problem.FieldError) int { return cmp.Compare(a.In+a.Name, b.In+b.Name) })
	return query, found, nil
}
