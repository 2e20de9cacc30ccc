package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
)

// operation is what the middleware needs to know of one operation of the contract.
type operation struct {
	id         string
	role       domain.Role // empty if everybody may call it
	rateClass  string
	limit      *rateClass  // nil if it has none, see newLimits
	retirement *retirement // nil unless it is deprecated
	parameters []*parameter

	hasETag        bool          // on success
	hasRanges      bool          // it may answer with a part of a file
	isCompressible bool          // see isCompressible
	rewritesQuery  bool          // checkParameters changes it
	timeout        time.Duration // 0 for that of all others, or noTimeout
	body           *requestBody  // nil if it takes none
}

// isPublic reports whether the operation may be called without a token.
func (o *operation) isPublic() bool { return o.role == "" }

// mayHash reports whether the operation may take a password hash: those are the classes of such.
func (o *operation) mayHash() bool {
	return o.rateClass == "credentials" || o.rateClass == "disclosing"
}

// routeKey is how the router names a route: the method and the path with :parameters.
type routeKey struct{ method, path string }

// routeOf returns the route that the router has found for a request.
func routeOf(ctx echo.Context) routeKey { return routeKey{ctx.Request().Method, ctx.Path()} }

// contract finds the operation that a route fulfils.
type contract struct {
	operations map[routeKey]*operation

	requestHeaders, responseHeaders []string // that operations declare
}

// operation returns the one that a request is for; nil for a route outside of the contract, or for none.
func (c *contract) operation(ctx echo.Context) *operation { return c.operations[routeOf(ctx)] }

// The contract's extensions: the role that an operation needs, and its class of rate limits.
const (
	extensionRole      = "x-required-role"
	extensionRateClass = "x-rate-class"
)

// rateClasses are the classes of rate limits that an operation can be in.
var rateClasses = []string{unlimitedClass, "read", "write", "session", "credentials", "disclosing"}

// newContract reads the operations out of the embedded contract. Access is closed by default: an operation that does not
// say who may call it is an error, as is one that names an unknown role.
func newContract(spec *openapi3.T) (*contract, error) {
	if err := spec.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("validating the contract: %w", err)
	}
	c := &contract{operations: map[routeKey]*operation{}}
	var problems []error
	for path, item := range spec.Paths.Map() {
		if err := checkPath(path); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", path, err))
		}
		for method, op := range item.Operations() {
			o, err := newOperation(item, op)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s %s: %w", method, path, err))
				continue
			}
			c.addHeaders(o, op)
			key := routeKey{method, echoPath(path)}
			c.operations[key] = o
			if method == http.MethodGet {
				c.operations[routeKey{http.MethodHead, key.path}] = o
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("the contract leaves gaps:\n%w", err)
	}
	return c, nil
}

// addHeaders notes the headers of an operation, for cors.
func (c *contract) addHeaders(o *operation, op *openapi3.Operation) {
	for _, p := range o.parameters {
		if p.in == openapi3.ParameterInHeader {
			c.requestHeaders = append(c.requestHeaders, p.name)
		}
	}
	for _, response := range op.Responses.Map() {
		c.responseHeaders = slices.AppendSeq(c.responseHeaders, maps.Keys(response.Value.Headers))
	}
}

func newOperation(item *openapi3.PathItem, op *openapi3.Operation) (*operation, error) {
	role, err := requiredRole(op)
	if err != nil {
		return nil, err
	}
	rateClass, _ := op.Extensions[extensionRateClass].(string)
	if !slices.Contains(rateClasses, rateClass) {
		return nil, fmt.Errorf("needs %s: one of %s", extensionRateClass, strings.Join(rateClasses, ", "))
	}
	retirement, err := newRetirement(op)
	if err != nil {
		return nil, err
	}
	o := &operation{id: op.OperationID, role: role, rateClass: rateClass, retirement: retirement}
	if err := o.addParameters(parametersOf(item, op)); err != nil {
		return nil, err
	}
	if success := op.Responses.Status(http.StatusOK); success != nil {
		o.hasETag = success.Value.Headers["ETag"] != nil
	}
	o.hasRanges = op.Responses.Status(http.StatusPartialContent) != nil
	o.isCompressible = isCompressible(item, op)
	if o.body, err = newBody(op, item.Patch == op); err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	if o.timeout, err = timeoutOf(op); err != nil {
		return nil, err
	}
	if err := checkAnswers(op); err != nil {
		return nil, err
	}
	return o, nil
}

// checkAnswers fails if an answer has a format that no test would check.
func checkAnswers(op *openapi3.Operation) error {
	for status, response := range op.Responses.Map() {
		for _, media := range response.Value.Content {
			if media.Schema == nil {
				continue
			}
			err := media.Schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
				if err := checkFormat(ref.Value); err != nil {
					return fmt.Errorf("answer %s: %q: %w", status, at, err)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// requiredRole reads who may call an operation. Both halves, `security` and the role, must be written at the operation.
func requiredRole(op *openapi3.Operation) (domain.Role, error) {
	if op.Security == nil {
		return "", errors.New("says nothing about security")
	}
	role, hasRole := op.Extensions[extensionRole]
	if len(*op.Security) == 0 {
		if hasRole {
			return "", fmt.Errorf("is public and has %s", extensionRole)
		}
		return "", nil
	}
	for _, requirement := range *op.Security {
		if _, isBearer := requirement["bearerAuth"]; !isBearer || len(requirement) != 1 {
			return "", errors.New("has a security requirement other than bearerAuth")
		}
	}
	switch role {
	case string(domain.RoleUser), string(domain.RoleAdmin):
		return domain.Role(fmt.Sprint(role)), nil
	default:
		return "", fmt.Errorf("needs %s: user or admin", extensionRole)
	}
}

// checkPath fails if Echo's router would read a path in a way of its own, and then find operations at paths that the
// contract does not have: it takes what follows a colon for a parameter, and a star for anything.
func checkPath(path string) error {
	if strings.ContainsAny(path, `:*\`) {
		return errors.New("the router has no : or * or \\ in paths")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if strings.ContainsAny(segment, "{}") && !wholeParameter.MatchString(segment) {
			return errors.New("the router has parameters as whole segments only")
		}
	}
	return nil
}

var wholeParameter = regexp.MustCompile(`^\{[^{}]+\}$`)

// echoPath writes a path of the contract the way Echo does: /users/{id} is /users/:id.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// parametersOf returns the parameters of an operation: its own, and those of its path that it does not replace.
func parametersOf(item *openapi3.PathItem, op *openapi3.Operation) openapi3.Parameters {
	all := slices.Clone(op.Parameters)
	for _, ref := range item.Parameters {
		if op.Parameters.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			all = append(all, ref)
		}
	}
	return all
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
func (o *operation) checkParameters(r *http.Request, pathParams map[string]string) (url.Values, []fieldError, error) {
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
	slices.SortStableFunc(found, func(a, b fieldError) int { return cmp.Compare(a.In+a.Name, b.In+b.Name) })
	return query, found, nil
}
