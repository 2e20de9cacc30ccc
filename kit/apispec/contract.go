package apispec

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Rules are what an application declares about its operations.
type Rules struct {
	Roles       []string // values of x-required-role
	RateClasses []string // values of x-rate-class
}

// Contract finds the operation that a route serves.
type Contract struct {
	operations []*Operation // in order of path and method
	byRoute    map[route]*Operation
}

// route is a method and a path with :parameters.
type route struct{ method, path string }

// New reads the operations of a contract. It returns an error unless the contract is valid OpenAPI
// and each operation keeps to the rules of this package, see [Operation]. Access is closed by
// default: an operation must say who may call it.
func New(spec *openapi3.T, rules Rules) (*Contract, error) {
	if err := spec.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("validating the contract: %w", err)
	}
	c := &Contract{byRoute: map[route]*Operation{}}
	var problems []error
	for _, path := range slices.Sorted(maps.Keys(spec.Paths.Map())) {
		if err := checkPath(path); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", path, err))
		}
		item := spec.Paths.Value(path)
		for method, op := range item.Operations() {
			o, err := newOperation(path, method, item, op, rules)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s %s: %w", method, path, err))
				continue
			}
			c.add(o)
		}
	}
	slices.SortFunc(c.operations, func(a, b *Operation) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return c, Gaps(problems...)
}

// Gaps joins what a contract leaves open into one error; it returns nil if all problems are nil.
func Gaps(problems ...error) error {
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("the contract leaves gaps:\n%w", err)
	}
	return nil
}

func (c *Contract) add(o *Operation) {
	c.operations = append(c.operations, o)
	c.byRoute[route{o.Method, o.Route}] = o
	if o.Method == http.MethodGet {
		c.byRoute[route{http.MethodHead, o.Route}] = o
	}
}

// Operations returns all operations in order of path and method.
func (c *Contract) Operations() []*Operation { return c.operations }

// Find returns the operation of a method and a route such as /users/:id, or nil if there is none.
// HEAD finds the operation of GET.
func (c *Contract) Find(method, path string) *Operation { return c.byRoute[route{method, path}] }

// checkPath returns an error for paths that routers would read in another way: a colon starts a
// parameter, and a star matches anything.
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

// routeOf returns a path of a contract as routers write it: /users/{id} is /users/:id.
func routeOf(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
