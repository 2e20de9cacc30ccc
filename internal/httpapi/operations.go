package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
)

// rules are what the contract may say about its operations.
var rules = apispec.Rules{
	Roles:       []string{string(domain.RoleUser), string(domain.RoleAdmin)},
	RateClasses: []string{unlimitedClass, "read", "write", "session", "credentials", "disclosing"},
}

// operation is an operation of the contract with what checks its requests.
type operation struct {
	*apispec.Operation

	limit         *rateClass // nil if it has none, see newLimits
	parameters    []*parameter
	rewritesQuery bool         // checkParameters changes it
	body          *requestBody // nil if it takes none
}

// mayHash reports whether the operation may compute a password hash.
func (o *operation) mayHash() bool {
	return o.RateClass == "credentials" || o.RateClass == "disclosing"
}

// routeKey is how the router names a route: the method and the path with :parameters.
type routeKey struct{ method, path string }

// routeOf returns the route that the router has found for a request.
func routeOf(ctx echo.Context) routeKey { return routeKey{ctx.Request().Method, ctx.Path()} }

// contract finds the operation of a request.
type contract struct {
	operations map[routeKey]*operation

	requestHeaders, responseHeaders []string // that operations declare
}

// operation returns the operation of a request, or nil for a route outside of the contract, or for none.
func (c *contract) operation(ctx echo.Context) *operation { return c.operations[routeOf(ctx)] }

// newContract compiles the operations of a contract.
func newContract(spec *openapi3.T) (*contract, error) {
	read, err := apispec.New(spec, rules)
	if err != nil {
		return nil, err
	}
	c := &contract{operations: map[routeKey]*operation{}}
	var problems []error
	for _, op := range read.Operations() {
		o := &operation{Operation: op}
		if err := o.compile(); err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", op.Method, op.Path, err))
			continue
		}
		c.addHeaders(o)
		c.operations[routeKey{op.Method, op.Route}] = o
		if op.Method == http.MethodGet {
			c.operations[routeKey{http.MethodHead, op.Route}] = o
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("the contract leaves gaps:\n%w", err)
	}
	return c, nil
}

// compile reads the parameters and the body.
func (o *operation) compile() (err error) {
	if err := o.addParameters(o.Parameters); err != nil {
		return err
	}
	if o.body, err = newBody(o.Spec, o.Method == http.MethodPatch); err != nil {
		return fmt.Errorf("request body: %w", err)
	}
	return nil
}

// addHeaders collects the headers of an operation, for cors.
func (c *contract) addHeaders(o *operation) {
	for _, p := range o.parameters {
		if p.in == openapi3.ParameterInHeader {
			c.requestHeaders = append(c.requestHeaders, p.name)
		}
	}
	for _, response := range o.Spec.Responses.Map() {
		c.responseHeaders = slices.AppendSeq(c.responseHeaders, maps.Keys(response.Value.Headers))
	}
}

// addParameters fails if two parameters of a query would have a name in common.
func (o *operation) addParameters(refs openapi3.Parameters) error {
	taken := map[string]string{} // names in the query, with the parameter they belong to
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

// declares reports whether a query may hold a parameter of this name.
func (o *operation) declares(name string) bool {
	return slices.ContainsFunc(o.parameters, func(p *parameter) bool {
		return p.in == openapi3.ParameterInQuery && (p.belongsTo(name) || slices.Contains(p.queryNames(), name))
	})
}

// checkParameters returns everything that is wrong with the parameters of a request, and its query, with what check has
// rewritten. The error is for a query that cannot be read at all; URL.Query would pass over that.
func (o *operation) checkParameters(r *http.Request, pathParams map[string]string) (url.Values, []problem.FieldError, error) {
	query, found, err := o.parseQuery(r.URL.RawQuery)
	if err != nil || found != nil {
		return nil, found, err
	}
	for name := range query {
		if !o.declares(name) {
			found = append(found, unknownParameter(name))
		}
	}
	for _, p := range o.parameters {
		found = append(found, p.check(sent{request: r, path: pathParams, query: query})...)
	}
	slices.SortStableFunc(found, func(a, b problem.FieldError) int { return cmp.Compare(a.In+a.Name, b.In+b.Name) })
	return query, found, nil
}
