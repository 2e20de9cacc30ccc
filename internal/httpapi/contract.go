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
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
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
	pathParams []*openapi3.Parameter
	query      map[string]*openapi3.Parameter
	headers    []*openapi3.Parameter
	body       *openapi3.Schema // nil if it takes none
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
	rateClass, _ := op.Extensions[extensionRateClass].(string)
	if !slices.Contains(rateClasses, rateClass) {
		return nil, fmt.Errorf("needs %s: one of %s", extensionRateClass, strings.Join(rateClasses, ", "))
	}
	retirement, err := newRetirement(op)
	if err != nil {
		return nil, err
	}
	o := &operation{
		id: op.OperationID, role: role, rateClass: rateClass, retirement: retirement, query: map[string]*openapi3.Parameter{},
	}
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		if ref.Value.Schema == nil {
			return nil, errors.New("parameters without a schema are not validated yet")
		}
		if err := checkSchema(ref.Value.Schema); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", ref.Value.Name, err)
		}
		switch ref.Value.In {
		case openapi3.ParameterInPath:
			o.pathParams = append(o.pathParams, ref.Value)
		case openapi3.ParameterInQuery:
			o.query[ref.Value.Name] = ref.Value
		case openapi3.ParameterInHeader:
			o.headers = append(o.headers, ref.Value)
		default:
			return nil, fmt.Errorf("%s parameters are not validated yet", ref.Value.In)
		}
	}
	if op.RequestBody != nil {
		media := op.RequestBody.Value.Content[mediaTypeJSON]
		if media == nil || len(op.RequestBody.Value.Content) != 1 || !op.RequestBody.Value.Required {
			return nil, errors.New("a request body must be required, and " + mediaTypeJSON + " only")
		}
		if err := checkSchema(media.Schema); err != nil {
			return nil, fmt.Errorf("request body: %w", err)
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

// checkParameters validates the path, query and declared headers of a request and returns everything that is wrong with them. The error is
// for a query that cannot be read at all; URL.Query would pass over that.
func (o *operation) checkParameters(r *http.Request, pathParams map[string]string) ([]fieldError, error) {
	var found []fieldError
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errMalformed.withDetail("The query cannot be read.").because(err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: pathParams, QueryParams: query,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, SchemaValidationOptions: schemaOptions,
		},
	}
	for _, parameter := range slices.Concat(o.pathParams, o.headers, slices.Collect(maps.Values(o.query))) {
		if err := checkParameter(parameter, input); err != nil {
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

func checkParameter(parameter *openapi3.Parameter, input *openapi3filter.RequestValidationInput) error {
	values := input.QueryParams[parameter.Name]
	switch parameter.In {
	case openapi3.ParameterInPath:
		values = []string{input.PathParams[parameter.Name]}
	case openapi3.ParameterInHeader:
		values = input.Request.Header.Values(parameter.Name)
	}
	if len(values) > 1 && !isList(parameter) {
		return errRepeated
	}
	for _, value := range values {
		if !utf8.ValidString(value) {
			return errNotUTF8
		}
		if strings.ContainsFunc(value, unicode.IsControl) {
			return errControlCharacter
		}
		if !isWrittenAsInJSON(parameter, value) {
			return errNotJSON
		}
	}
	return openapi3filter.ValidateParameter(input.Request.Context(), input, parameter)
}

// isWrittenAsInJSON is about integers and truth values: kin-openapi also takes 010, +1, and 1 for true.
func isWrittenAsInJSON(parameter *openapi3.Parameter, value string) bool {
	switch types := parameter.Schema.Value.Type; {
	case types.Is(openapi3.TypeBoolean):
		return value == "true" || value == "false"
	case types.Is(openapi3.TypeInteger):
		number, err := strconv.ParseInt(value, 10, 64)
		return err == nil && strconv.FormatInt(number, 10) == value
	default:
		return true
	}
}

func isList(parameter *openapi3.Parameter) bool {
	return parameter.Schema.Value.Type.Is(openapi3.TypeArray)
}
