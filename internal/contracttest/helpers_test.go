package contracttest_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/contracttest"
)

// theLibrary is the contract of testdata, which no test changes.
var theLibrary = sync.OnceValues(func() (*contracttest.Contract, error) {
	text, err := os.ReadFile("testdata/library.yaml")
	if err != nil {
		return nil, err
	}
	return contracttest.Parse(text)
})

func library(t *testing.T) *contracttest.Contract {
	t.Helper()
	c, err := theLibrary()
	must(t, err)
	return c
}

// operation finds an operation by its id.
func operation(t *testing.T, all []contracttest.Operation, id string) contracttest.Operation {
	t.Helper()
	for _, op := range all {
		if op.ID == id {
			return op
		}
	}
	t.Fatalf("there is no operation %s", id)
	return contracttest.Operation{}
}

// listener is a test that takes failures down instead of failing.
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
