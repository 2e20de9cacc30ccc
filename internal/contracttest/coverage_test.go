package contracttest_test

import (
	"bytes"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/internal/contracttest"
)

func TestTransportRecordsWhatItAccepts(t *testing.T) {
	t.Parallel()
	record := contracttest.NewRecord()
	ask(t, record, answer{body: book})
	ask(t, record, answer{status: http.StatusNotFound, header: map[string]string{"Content-Type": problem}, body: missing})
	ask(t, record, answer{path: "/books/latest", method: http.MethodHead, header: map[string]string{"Content-Type": "text/plain"}})
	ask(t, record, answer{status: http.StatusUnprocessableEntity, body: "not the contract's"})

	var out bytes.Buffer
	err := library(t).Report(record, &out)
	if !errors.Is(err, contracttest.ErrIncomplete) {
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

func TestReportAcceptsAWholeContract(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	must(t, library(t).Report(complete(library(t).Operations()), &out))
	if !strings.Contains(out.String(), "10 of 10 documented statuses exercised") {
		t.Errorf("got %s", out.String())
	}
}

// complete records every documented status.
func complete(operations []contracttest.Operation) *contracttest.Record {
	record := contracttest.NewRecord()
	for _, op := range operations {
		record.Add(op.ID, op.ExactStatuses()...)
	}
	return record
}

func TestAWholePackageJudgesItself(t *testing.T) {
	t.Parallel()
	all := complete(contracttest.Operations(t))
	var out bytes.Buffer
	must(t, contracttest.Account(all, contracttest.Whole, "", &out))
	must(t, contracttest.Account(contracttest.NewRecord(), contracttest.Part, "", &out))
	err := contracttest.Account(contracttest.NewRecord(), contracttest.Whole, "", &out)
	if !errors.Is(err, contracttest.ErrIncomplete) {
		t.Errorf("got %v, want ErrIncomplete", err)
	}
}

func TestRecordsOfSeveralBinariesAreMerged(t *testing.T) {
	t.Parallel()
	operations := contracttest.Operations(t)
	dir := t.TempDir()
	var out bytes.Buffer
	leave := func(name string, operations []contracttest.Operation) {
		must(t, contracttest.Account(complete(operations), contracttest.Whole, dir, &out))
		file := only(t, filepath.Join(dir, "*_internal_contracttest.test.contract.json"))
		must(t, os.Rename(file, filepath.Join(dir, name+".contract.json")))
	}

	leave("first", operations[:2])
	if err := contracttest.Judge(dir, &out); !errors.Is(err, contracttest.ErrIncomplete) {
		t.Errorf("one record: got %v, want ErrIncomplete", err)
	}
	leave("second", operations[2:])
	if err := contracttest.Judge(dir, &out); err != nil {
		t.Errorf("both records: %v\n%s", err, out.String())
	}
}

func only(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	must(t, err)
	if len(names) != 1 {
		t.Fatalf("%s: found %v, want one file", pattern, names)
	}
	return names[0]
}

func TestJudgeRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ record, want string }{
		"no record":                    {"", "no test binary left a record"},
		"a record of another contract": {`{"contract":"abc","answers":{}}`, "another contract"},
		"a broken record":              {`{`, "reading"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.record != "" {
				must(t, os.WriteFile(filepath.Join(dir, "x.contract.json"), []byte(test.record), 0o600))
			}
			var out bytes.Buffer
			if err := contracttest.Judge(dir, &out); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestARecordThatCannotBeLeftFails(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "absent")
	if err := contracttest.Account(contracttest.NewRecord(), contracttest.Part, dir, &out); err == nil {
		t.Error("the record went nowhere, and nobody was told")
	}
}

func TestOnlyFullRunsAreJudged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want bool
	}{
		"all tests":     {nil, true},
		"shuffled":      {[]string{"-test.shuffle=on", "-test.count=2"}, true},
		"some tests":    {[]string{"-test.run=X"}, false},
		"without some":  {[]string{"-test.skip=X"}, false},
		"the short way": {[]string{"-test.short"}, false},
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
			if got := contracttest.FullRun(flags); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// tests stands in for the tests of a package.
type tests int

func (code tests) Run() int { return int(code) }

func TestMainKeepsTheExitCodeOfFailedTests(t *testing.T) {
	t.Parallel()
	if code := contracttest.Main(tests(3), contracttest.Whole); code != 3 {
		t.Errorf("got %d, want 3", code)
	}
}
