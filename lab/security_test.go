package lab_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// securityPage lists security guarantees; each row names the tests that show it.
const securityPage = "docs/security.md"

// TestSecurityPageNamesTests checks that the tests and make targets that docs/security.md names
// exist.
func TestSecurityPageNamesTests(t *testing.T) {
	t.Parallel()
	proofs := newProofs(t)
	promises := 0
	for _, row := range rowsOf(t, securityPage) {
		promises++
		if len(row.cells) != 3 {
			t.Errorf("%s:%d: %d cells, want 3: a guarantee, its implementation and its tests", securityPage, row.line, len(row.cells))
			continue
		}
		for _, complaint := range proofs.judge(row.cells[2]) {
			t.Errorf("%s:%d: %s", securityPage, row.line, complaint)
		}
	}
	if promises == 0 {
		t.Errorf("%s has no row", securityPage)
	}
}

func TestSecurityPageRejectsUnknownTests(t *testing.T) {
	t.Parallel()
	proofs := newProofs(t)
	for cell, want := range map[string]string{
		"`TestHasRole` (internal/domain)":               "",
		"`TestValid`, `FuzzValid` (kit/emailaddr)":      "",
		"`TestLoginTiming` (lab/timing), `make timing`": "", // behind a build tag
		"`BenchmarkHash` (kit/auth); `make test`":       "",
		"":                                "no test is named",
		"reviewed":                        "no test is named",
		"`TestMissing` (internal/domain)": "there is no TestMissing in internal/domain",
		"`TestHasRole` (kit/auth)":        "there is no TestHasRole in kit/auth",
		"`TestHasRole`, `TestMissing` (internal/domain)":       "there is no TestMissing in internal/domain",
		"`newService` (internal/domain)":                       "newService is neither a test nor a make target",
		"`TestHasRole` (internal/nowhere)":                     "there is no package internal/nowhere with tests",
		"`TestHasRole` (internal/domain), `TestCheckPassword`": "TestCheckPassword has no package",
		"`make nothing`": "the Makefile has no target nothing",
	} {
		if got := strings.Join(proofs.judge(cell), "; "); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}

// proofs are the tests and make targets that a row may name.
type proofs struct {
	tests    map[string][]string // by package
	makefile string
}

var (
	// named matches the relevant parts of a cell: text in backquotes, and packages in parentheses.
	named  = regexp.MustCompile("`([^`]+)`|\\(([a-z0-9/_-]+)\\)")
	isTest = regexp.MustCompile(`^(Test|Benchmark|Fuzz)[A-Z]\w*$`)
)

// judge returns the errors in a cell.
func (p proofs) judge(cell string) (complaints []string) {
	found, waiting := false, []string(nil)
	for _, match := range named.FindAllStringSubmatch(cell, -1) {
		name, pkg := match[1], match[2]
		target, isTarget := strings.CutPrefix(name, "make ")
		switch {
		case pkg != "":
			complaints = append(complaints, p.inPackage(pkg, waiting)...)
			waiting = nil
		case isTarget && !regexp.MustCompile(`(?m)^([a-z-]+ )*`+regexp.QuoteMeta(target)+`( [a-z-]+)*:`).MatchString(p.makefile):
			complaints = append(complaints, "the Makefile has no target "+target)
		case !isTarget && !isTest.MatchString(name):
			complaints = append(complaints, name+" is neither a test nor a make target")
		case !isTarget:
			waiting = append(waiting, name)
		}
		found = true
	}
	for _, name := range waiting {
		complaints = append(complaints, name+" has no package")
	}
	if !found {
		complaints = append(complaints, "no test is named")
	}
	return complaints
}

func (p proofs) inPackage(pkg string, names []string) (complaints []string) {
	tests, ok := p.tests[pkg]
	if !ok {
		return []string{fmt.Sprintf("there is no package %s with tests", pkg)}
	}
	for _, name := range names {
		if !slices.Contains(tests, name) {
			complaints = append(complaints, fmt.Sprintf("there is no %s in %s", name, pkg))
		}
	}
	return complaints
}

// newProofs finds all tests, regardless of build tags.
func newProofs(t *testing.T) proofs {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	found := proofs{tests: map[string][]string{}, makefile: string(makefile)}
	for file := range goFiles(t) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		for _, decl := range parsed.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil && isTest.MatchString(function.Name.Name) {
				found.tests[pkg] = append(found.tests[pkg], function.Name.Name)
			}
		}
	}
	return found
}

// row is a row of a table, except its header.
type row struct {
	line  int
	cells []string
}

// rowsOf returns the rows of all tables of a page.
func rowsOf(t *testing.T, page string) (rows []row) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	inTable := false
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, " <!--") // a mark of a slice
		inner, isRow := strings.CutPrefix(line, "|")
		switch {
		case !isRow:
			inTable = false
		case strings.HasPrefix(inner, "---"):
			inTable = true
		case inTable:
			rows = append(rows, row{i + 1, strings.Split(strings.TrimSuffix(inner, "|"), "|")})
		}
	}
	return rows
}
