package contracttest_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/kit/contracttest"
)

var options = contracttest.Options{Roles: []string{"user", "admin"}, Pages: []string{"/docs"}}

// libraryFile is a contract with each construct that the package has to understand.
const libraryFile = "testdata/library.yaml"

var sharedLibrary = sync.OnceValues(func() (*contracttest.Contract, error) {
	text, err := os.ReadFile(libraryFile)
	if err != nil {
		return nil, err
	}
	return contracttest.Parse(text, options)
})

// library returns the contract of libraryFile. Its coverage is that of all tests.
func library(t *testing.T) *contracttest.Contract {
	t.Helper()
	c, err := sharedLibrary()
	must(t, err)
	return c
}

// shopFile is a larger contract, which keeps the house rules.
const shopFile = "../internal/shop/openapi.yaml"

func parse(t *testing.T, text string) *contracttest.Contract {
	t.Helper()
	c, err := contracttest.Parse([]byte(text), options)
	must(t, err)
	return c
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

// operation returns an operation by its id.
func operation(t *testing.T, c *contracttest.Contract, id string) contracttest.Operation {
	t.Helper()
	for _, op := range c.Operations() {
		if op.ID == id {
			return op
		}
	}
	t.Fatalf("there is no operation %s", id)
	return contracttest.Operation{}
}

// listener is a testing.TB that records errors instead of failing.
type listener struct {
	testing.TB

	mu    sync.Mutex
	heard []string
}

func (*listener) Helper() {}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
}

func (l *listener) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.heard, "\n")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
