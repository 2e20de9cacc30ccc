package contracttest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
)

// Operation is one operation of the contract.
type Operation struct {
	ID     string
	Method string
	Path   string // as in the contract, with {parameters}
	Role   string // what a caller needs; empty if everybody may call
	Class  string // of rate limits

	spec     *openapi3.Operation
	params   openapi3.Parameters
	contract *contract
}

// Operations returns all operations of the contract, by path and method.
func Operations(tb testing.TB) []Operation {
	tb.Helper()
	return mustPublished(tb).operations
}

// contract is the contract with what its guide says in tables.
type contract struct {
	doc        *openapi3.T
	sum        string // tells one text of the contract from another
	operations []Operation
	roles      []string // each may do all that those before it may
	problems   map[string]int
	fieldCodes map[string]bool
	problem    *openapi3.Response // what the service answers where the contract has no operation
}

// published is the contract of this build, parsed once: it never changes while a test binary runs.
var published = sync.OnceValues(func() (*contract, error) { return parse(api.OpenAPI) })

func mustPublished(tb testing.TB) *contract {
	tb.Helper()
	c, err := published()
	if err != nil {
		tb.Fatalf("the contract: %v", err)
	}
	return c
}

func parse(text []byte) (*contract, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("loading: %w", err)
	}
	if err := doc.Validate(loader.Context, openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("validating: %w", err)
	}
	c, err := newContract(doc)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	c.sum = hex.EncodeToString(sum[:])
	return c, nil
}

func newContract(doc *openapi3.T) (*contract, error) {
	text := guide(doc)
	problems, err := problemTable(text)
	if err != nil {
		return nil, err
	}
	c := &contract{doc: doc, problems: problems, fieldCodes: fieldCodeTable(text)}
	if err := c.findComponents(); err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			c.operations = append(c.operations, c.operation(path, method, item))
		}
	}
	return c, nil
}

// findComponents finds the two components that this package relies on by name.
func (c *contract) findComponents() error {
	problem, role := c.doc.Components.Responses["Problem"], c.doc.Components.Schemas["UserRole"]
	if problem == nil || role == nil {
		return errors.New("components: there must be a response Problem and a schema UserRole")
	}
	c.problem = problem.Value
	for _, name := range role.Value.Enum {
		c.roles = append(c.roles, fmt.Sprint(name))
	}
	return nil
}

func (c *contract) operation(path, method string, item *openapi3.PathItem) Operation {
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

// find returns the operation that answers method at an escaped path, and the methods of that path. HEAD is GET's if it
// is nobody's. As OpenAPI wants it, a path without parameters wins over one with them.
func (c *contract) find(method, path string) (Operation, []string, bool) {
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

// unreserved is the escape of a character that never needs one (RFC 3986, section 2.3).
var unreserved = regexp.MustCompile(`(?i)%(2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])`)

// requestPath returns the path of a request with as few escapes as it can have.
func requestPath(r *http.Request) string {
	return unreserved.ReplaceAllStringFunc(r.URL.EscapedPath(), func(escape string) string {
		plain, _ := url.PathUnescape(escape)
		return plain
	})
}

// matches reports whether an escaped path fits a template. A parameter is a whole segment and never empty.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

func (op Operation) String() string {
	return op.Method + " " + op.Path + " (" + op.ID + ")"
}
