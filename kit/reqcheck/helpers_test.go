package reqcheck_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/reqcheck"
)

// checker validates the requests of the only operation of a contract.
type checker struct {
	*reqcheck.Checker

	op *apispec.Operation
}

func newChecker(t testing.TB, contract string) checker {
	t.Helper()
	read, op := things.MustRead(t, contract)
	compiled, err := reqcheck.Compile(read)
	must(t, err)
	return checker{compiled, op}
}

// check returns the field errors of a request to /things/{id} as "pointer code" or "in:name code".
func (c checker) check(t testing.TB, r *http.Request, id string) (checked reqcheck.Request, found []string) {
	t.Helper()
	checked, err := c.Check(c.op, httptest.NewRecorder(), r, map[string]string{"id": id})
	checked.Release()
	return checked, fieldErrors(t, err)
}

// checkBody returns the JSON of a body and its field errors, sorted.
func (c checker) checkBody(t testing.TB, body string) (value any, found []string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/things/x", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	checked, found := c.check(t, r, "x")
	slices.Sort(found)
	return checked.JSON, slices.Compact(found)
}

// countFaults returns how many field errors a response to a body lists.
func (c checker) countFaults(t testing.TB, body string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/things/x", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	_, err := c.Check(c.op, httptest.NewRecorder(), r, map[string]string{"id": "x"})
	refused, _ := errors.AsType[*problem.Problem](err)
	if refused == nil {
		return 0
	}
	return len(problem.Listed(refused.Fields))
}

func fieldErrors(t testing.TB, err error) (found []string) {
	t.Helper()
	if err == nil {
		return nil
	}
	refused, ok := errors.AsType[*problem.Problem](err)
	if !ok || refused.Code != problem.CodeValidationFailed {
		t.Fatal(err)
	}
	for _, field := range refused.Fields {
		at := field.Pointer
		if field.In != "" {
			at = field.In + ":" + field.Name
		}
		found = append(found, at+" "+field.Code)
	}
	return found
}

// allocatedBytes returns the bytes that a run allocates, on average.
func allocatedBytes(runs int, run func()) float64 {
	var before, after runtime.MemStats
	run()
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(runs)
}

// numbered returns n texts with the numbers from 0.
func numbered(format string, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i)
	}
	return texts
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t testing.TB, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s is %v, want %v", what, got, wanted)
	}
}
