package httpapi

import (
	"maps"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/reqcheck"
)

// rules are what the contract may say about its operations.
var rules = apispec.Rules{Roles: apicontract.Roles(), RateClasses: apicontract.RateClasses()}

// operation is an operation of the contract with its rate limit.
type operation struct {
	*apispec.Operation

	limit *rateClass // nil if it has none, see newLimits
}

// mayHash reports whether the operation may compute a password hash.
func (o *operation) mayHash() bool {
	return o.RateClass == apicontract.RateClassCredentials || o.RateClass == apicontract.RateClassDisclosing
}

// routeKey is how the router names a route: the method and the path with :parameters.
type routeKey struct{ method, path string }

// routeOf returns the route that the router has found for a request.
func routeOf(ctx echo.Context) routeKey { return routeKey{ctx.Request().Method, ctx.Path()} }

// contract finds the operation of a request.
type contract struct {
	operations map[routeKey]*operation
	checker    *reqcheck.Checker

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
	checker, err := reqcheck.Compile(read)
	if err != nil {
		return nil, err
	}
	c := &contract{operations: map[routeKey]*operation{}, checker: checker}
	for _, op := range read.Operations() {
		o := &operation{Operation: op}
		c.addHeaders(o)
		c.operations[routeKey{op.Method, op.Route}] = o
		if op.Method == http.MethodGet {
			c.operations[routeKey{http.MethodHead, op.Route}] = o
		}
	}
	return c, nil
}

// addHeaders collects the headers of an operation, for cors.
func (c *contract) addHeaders(o *operation) {
	for _, p := range o.Parameters {
		if p.Value.In == openapi3.ParameterInHeader {
			c.requestHeaders = append(c.requestHeaders, p.Value.Name)
		}
	}
	for _, response := range o.Spec.Responses.Map() {
		c.responseHeaders = slices.AppendSeq(c.responseHeaders, maps.Keys(response.Value.Headers))
	}
}
