package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"example.com/plinth/internal/domain"
)

// operation is what the middleware needs to know of one operation of the contract.
type operation struct {
	id         string
	role       domain.Role // empty if everybody may call it
	pathParams []*openapi3.Parameter
	query      map[string]*openapi3.Parameter
	body       *openapi3.Schema // nil if it takes none
}

// isPublic reports whether the operation may be called without a token.
func (o *operation) isPublic() bool { return o.role == "" }

// routeKey is how the router names a route: the method and the path with :parameters.
type routeKey struct{ method, path string }

// contract finds the operation that a route fulfils.
type contract struct {
	operations map[routeKey]*operation
}

// extensionRole is the contract's extension that names the role an operation needs.
const extensionRole = "x-required-role"

// newContract reads the operations out of the embedded contract. Access is closed by default: an operation that does not
// say who may call it is an error, as is one that names an unknown role.
func newContract(spec *openapi3.T) (*contract, error) {
	if err := spec.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("validating the contract: %w", err)
	}
	c := &contract{operations: map[routeKey]*operation{}}
	var problems []error
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			o, err := newOperation(item, op)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s %s: %w", method, path, err))
				continue
			}
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

func newOperation(item *openapi3.PathItem, op *openapi3.Operation) (*operation, error) {
	role, err := requiredRole(op)
	if err != nil {
		return nil, err
	}
	o := &operation{id: op.OperationID, role: role, query: map[string]*openapi3.Parameter{}}
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		switch ref.Value.In {
		case openapi3.ParameterInPath:
			o.pathParams = append(o.pathParams, ref.Value)
		case openapi3.ParameterInQuery:
			o.query[ref.Value.Name] = ref.Value
		default:
			return nil, fmt.Errorf("%s parameters are not validated yet", ref.Value.In)
		}
	}
	if op.RequestBody != nil {
		media := op.RequestBody.Value.Content[mediaTypeJSON]
		if media == nil || len(op.RequestBody.Value.Content) != 1 || !op.RequestBody.Value.Required {
			return nil, errors.New("a request body must be required, and " + mediaTypeJSON + " only")
		}
		o.body = media.Schema.Value
	}
	return o, nil
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

// echoPath writes a path of the contract the way Echo does: /users/{id} is /users/:id.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// checkParameters validates the path and query of a request and returns everything that is wrong with them. The error is
// for a query that cannot be read at all; URL.Query would pass over that.
func (o *operation) checkParameters(r *http.Request, pathParams map[string]string) ([]fieldError, error) {
	var found []fieldError
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problemMalformed.withDetail("The query cannot be read.").because(err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: pathParams, QueryParams: query,
		Options: &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true},
	}
	for _, parameter := range slices.Concat(o.pathParams, slices.Collect(maps.Values(o.query))) {
		if parameter.In == openapi3.ParameterInQuery && len(query[parameter.Name]) > 1 && !isList(parameter) {
			found = append(found, parameterError(parameter, errRepeated))
			continue
		}
		if err := openapi3filter.ValidateParameter(r.Context(), input, parameter); err != nil {
			found = append(found, parameterError(parameter, err))
		}
	}
	for name := range query {
		if _, declared := o.query[name]; !declared {
			found = append(found, unknownParameter(name))
		}
	}
	slices.SortFunc(found, func(a, b fieldError) int { return cmp.Compare(a.In+a.Name, b.In+b.Name) })
	return found, nil
}

func isList(parameter *openapi3.Parameter) bool {
	return parameter.Schema != nil && parameter.Schema.Value.Type.Is(openapi3.TypeArray)
}
