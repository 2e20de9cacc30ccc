package contracttest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Contract is an OpenAPI document that a service is checked against. It counts the responses that
// its transports see, and is safe for concurrent use.
type Contract struct {
	options    Options
	doc        *openapi3.T
	operations []Operation
	problems   map[string]int // statuses of problem codes, from the tables in the guide
	fieldCodes map[string]bool
	problem    *openapi3.Response // of requests without an operation
	seen       *record
}

// Options describe what a contract does not say about its service.
type Options struct {
	// Roles are the values of x-required-role. Each role may call the operations of the roles
	// before it.
	Roles []string
	// Pages are paths that the service serves beside the contract, each with all paths below it.
	Pages []string
}

// Operation is one operation of a contract.
type Operation struct {
	ID     string
	Method string
	Path   string // as in the contract, with {parameters}
	Role   string // x-required-role; empty if the operation is public
	Class  string // x-rate-class

	spec     *openapi3.Operation
	params   openapi3.Parameters
	contract *Contract
}

// Parse reads a contract in YAML or JSON. The contract must have a response component named
// Problem, which describes the responses to requests without an operation.
func Parse(text []byte, options Options) (*Contract, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("loading the contract: %w", err)
	}
	if err := doc.Validate(loader.Context, openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("validating the contract: %w", err)
	}
	return newContract(doc, options)
}

// MustParse is [Parse] for the variables of a test package. It panics on an error.
func MustParse(text []byte, options Options) *Contract {
	c, err := Parse(text, options)
	if err != nil {
		panic(err)
	}
	return c
}

func newContract(doc *openapi3.T, options Options) (*Contract, error) {
	text := guide(doc)
	problems, err := problemTable(text)
	if err != nil {
		return nil, err
	}
	component := doc.Components.Responses["Problem"]
	if component == nil {
		return nil, errors.New("the contract needs a response component named Problem")
	}
	c := &Contract{
		options: options, doc: doc, problems: problems, fieldCodes: fieldCodeTable(text), problem: component.Value,
		seen: &record{statuses: map[string][]int{}},
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			c.operations = append(c.operations, c.operation(path, method, item))
		}
	}
	return c, nil
}

// Operations returns all operations, by path and method.
func (c *Contract) Operations() []Operation { return slices.Clone(c.operations) }

func (c *Contract) operation(path, method string, item *openapi3.PathItem) Operation {
	spec := item.GetOperation(method)
	role, _ := spec.Extensions["x-required-role"].(string)
	class, _ := spec.Extensions["x-rate-class"].(string)
	return Operation{
		ID:       spec.OperationID,
		Method:   method,
		Path:     path,
		Role:     role,
		Class:    class,
		spec:     spec,
		params:   slices.Concat(item.Parameters, spec.Parameters),
		contract: c,
	}
}

// find returns the operation for a method and an escaped path, and all methods of that path. A HEAD
// that the contract lacks is the GET of its path. A path without parameters takes precedence over
// one with parameters, as in OpenAPI.
func (c *Contract) find(method, path string) (Operation, []string, bool) {
	for _, template := range c.doc.Paths.InMatchingOrder() {
		if !matches(template, path) {
			continue
		}
		item := c.doc.Paths.Value(template)
		methods := slices.Sorted(maps.Keys(item.Operations()))
		if method == http.MethodHead && !slices.Contains(methods, http.MethodHead) {
			method = http.MethodGet
		}
		if !slices.Contains(methods, method) {
			return Operation{}, methods, false
		}
		return c.operation(template, method, item), methods, true
	}
	return Operation{}, nil, false
}

// unreserved matches the escape of a character that needs none (RFC 3986, section 2.3).
var unreserved = regexp.MustCompile(`(?i)%(2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])`)

// requestPath returns the escaped path of a request without needless escapes.
func requestPath(r *http.Request) string {
	return unreserved.ReplaceAllStringFunc(r.URL.EscapedPath(), func(escape string) string {
		plain, _ := url.PathUnescape(escape)
		return plain
	})
}

// matches reports whether an escaped path matches a template. A parameter is a whole segment and
// never empty.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

func (op Operation) String() string {
	return op.Method + " " + op.Path + " (" + op.ID + ")"
}
