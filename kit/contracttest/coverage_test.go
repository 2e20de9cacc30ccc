package contracttest_test

import (
	"bytes"
	"errors"
	"flag"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

func TestReportListsMissingStatuses(t *testing.T) {
	t.Parallel()
	c := parse(t, read(t, libraryFile))
	ask(t, c, answer{body: book})
	ask(t, c, answer{status: http.StatusNotFound, header: map[string]string{"Content-Type": problem}, body: missing})
	ask(
		t,
		c,
		answer{path: "/books/latest", method: http.MethodHead, header: map[string]string{"Content-Type": "text/plain"}},
	)
	ask(t, c, answer{status: http.StatusUnprocessableEntity, body: "not a documented body"})

	var out bytes.Buffer
	if err := c.Report(&out); !errors.Is(err, contracttest.ErrIncomplete) {
		t.Errorf("got %v, want ErrIncomplete", err)
	}
	want := `operation      200  201  204  401  403  404  422
listBooks      --
createBook          --        --             --
getLatestBook  --
deleteBook               --        --
getBook        ok                       ok   --
contract coverage: 2 of 10 documented statuses exercised
missing:
  GET /books (listBooks): 200
  POST /books (createBook): 201
  POST /books (createBook): 401
  POST /books (createBook): 422
  GET /books/latest (getLatestBook): 200
  DELETE /books/{id} (deleteBook): 204
  DELETE /books/{id} (deleteBook): 403
  GET /books/{id} (getBook): 422
`
	if got := trimLines(out.String()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func TestReportOfAllStatuses(t *testing.T) {
	t.Parallel()
	c := parse(t, read(t, libraryFile))
	for _, op := range c.Operations() {
		c.See(op.ID, op.ExactStatuses()...)
	}
	var out bytes.Buffer
	must(t, c.Report(&out))
	if !strings.Contains(out.String(), "10 of 10 documented statuses exercised") {
		t.Errorf("got %s", out.String())
	}
}

func TestIsFullRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want bool
	}{
		"all tests":     {nil, true},
		"shuffled":      {[]string{"-test.shuffle=on", "-test.count=2"}, true},
		"some tests":    {[]string{"-test.run=X"}, false},
		"skipped tests": {[]string{"-test.skip=X"}, false},
		"in short mode": {[]string{"-test.short"}, false},
		"a list":        {[]string{"-test.list=."}, false},
		"fuzzing":       {[]string{"-test.fuzz=X"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := flag.NewFlagSet("", flag.ContinueOnError)
			for _, name := range []string{"run", "skip", "list", "fuzz", "shuffle", "count"} {
				flags.String("test."+name, "", "")
			}
			flags.Bool("test.short", false, "")
			must(t, flags.Parse(test.args))
			if got := contracttest.IsFullRun(flags); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// tests is a *testing.M with this exit code.
type tests int

func (code tests) Run() int { return int(code) }

func TestMainReturnsTheExitCodeOfFailedTests(t *testing.T) {
	t.Parallel()
	if code := library(t).Main(tests(3)); code != 3 {
		t.Errorf("got %d, want 3", code)
	}
}
