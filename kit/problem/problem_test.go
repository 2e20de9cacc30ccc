package problem_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/problem"
)

// table has all codes of the protocol, each with a status of its own.
func table() problem.Table {
	t := problem.Table{}
	for i, code := range []string{
		problem.CodeMalformedRequest, problem.CodeRouteNotFound, problem.CodeMethodNotAllowed, problem.CodeRequestTimeout,
		problem.CodePreconditionFailed, problem.CodeBodyTooLarge, problem.CodeUnsupportedMediaType, problem.CodeValidationFailed,
		problem.CodeRateLimited, problem.CodeInternalError, problem.CodeOverloaded, problem.CodeUnavailable,
	} {
		t[code] = problem.Kind{Status: 500 + i, Title: code}
	}
	return t
}

func TestWriteHeaders(t *testing.T) {
	t.Parallel()
	const code = problem.CodeOverloaded
	for _, test := range []struct {
		name   string
		kind   problem.Kind
		wait   time.Duration
		header http.Header
	}{
		{"plain", problem.Kind{Status: 409}, 0, http.Header{}},
		{"challenge", problem.Kind{Status: 401, Challenge: "Bearer"}, 0, http.Header{"Www-Authenticate": {"Bearer"}}},
		{"default wait", problem.Kind{Status: 503, RetryAfter: 2 * time.Second}, 0, http.Header{"Retry-After": {"2"}}},
		{
			"own wait, rounded up",
			problem.Kind{Status: 503, RetryAfter: 2 * time.Second},
			2500 * time.Millisecond,
			http.Header{"Retry-After": {"3"}},
		},
		{"request timeout", problem.Kind{Status: 408}, 0, http.Header{"Connection": {"close"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			err := problem.Table{code: test.kind}.Write(w, r, (&problem.Problem{Code: code}).After(test.wait), "")
			if err != nil {
				t.Fatal(err)
			}
			test.header.Set("Content-Type", problem.MediaType)
			if got := fmt.Sprint(w.Header()); w.Code != test.kind.Status || got != fmt.Sprint(test.header) {
				t.Errorf("%d %s, want %d %s", w.Code, got, test.kind.Status, test.header)
			}
		})
	}
}

func TestWriteListsEachFieldErrorOnce(t *testing.T) {
	t.Parallel()
	fields := []problem.FieldError{
		{Code: "a"}, {Code: "a"}, {In: "query", Name: "n", Code: "b"}, {Pointer: "/p", Code: "c"},
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	if err := table().Write(w, r, problem.Invalid(fields...), ""); err != nil {
		t.Fatal(err)
	}
	const want = `"errors":[{"code":"a","detail":"","pointer":""},{"code":"b","detail":"","in":"query","name":"n"},` +
		`{"code":"c","detail":"","pointer":"/p"}]`
	if !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %s, want %s", w.Body, want)
	}
	many := make([]problem.FieldError, 100)
	for i := range many {
		many[i].Pointer = fmt.Sprint("/", i)
	}
	if n := len(problem.Listed(many)); n != problem.MaxFields {
		t.Errorf("%d field errors are listed, want %d", n, problem.MaxFields)
	}
}

func TestTableCheck(t *testing.T) {
	t.Parallel()
	if err := table().Check(); err != nil {
		t.Error(err)
	}
	broken := table()
	delete(broken, problem.CodeOverloaded)
	broken["own"] = problem.Kind{Status: 400}
	if err := broken.Check(); err == nil || !strings.HasSuffix(err.Error(), "overloaded, own") {
		t.Errorf("got %v, want an error about overloaded and own", err)
	}
}

func TestPointer(t *testing.T) {
	t.Parallel()
	for want, path := range map[string][]string{
		"":          nil,
		"/a~1b/~0c": {"a/b", "~c"},
		"/a":        {"a", "line\nbreak", "c"},
		"/b":        {"b", strings.Repeat("x", 65)},
	} {
		if got := problem.Pointer(path); got != want {
			t.Errorf("Pointer(%q) = %q, want %q", path, got, want)
		}
	}
	if got := problem.Quotable("a\u202eb"); got != "" {
		t.Errorf("Quotable returns %q for an unprintable name", got)
	}
}

func TestCopiesLeaveTheOriginal(t *testing.T) {
	t.Parallel()
	original := &problem.Problem{Code: "code", Detail: "detail"}
	cause := errors.New("cause")
	changed := original.WithDetail("other").After(time.Second).Because(cause)
	if original.Detail != "detail" || original.RetryAfter != 0 || original.Cause != nil {
		t.Errorf("the original became %+v", original)
	}
	if changed.Error() != "code: other" || changed.RetryAfter != time.Second || !errors.Is(changed, cause) {
		t.Errorf("the copy is %+v", changed)
	}
}
