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

// securityPage is what users and auditors read; each of its rows says by which tests it is shown.
const securityPage = "docs/security.md"

// TestThePageOnSecurityNamesItsProofs holds every promise of the page against the repository: what is said to show it has
// to exist. Whether it does show it is for people to judge.
func TestThePageOnSecurityNamesItsProofs(t *testing.T) {
	t.Parallel()
	proofs := newProofs(t)
	promises := 0
	for _, row := range rowsOf(t, securityPage) {
		promises++
		if len(row.cells) != 3 {
			t.Errorf("%s:%d: %d cells, want a promise, how it is done and what shows it", securityPage, row.line, len(row.cells))
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

func TestProofsThatAreNoneAreFound(t *testing.T) {
	t.Parallel()
	proofs := newProofs(t)
	for cell, want := range map[string]string{
		"`TestHasRole` (internal/domain)":                   "",
		"`TestHasRole`, `FuzzCheckEmail` (internal/domain)": "",
		"`TestLoginTiming` (lab/timing), `make timing`":     "", // behind a build tag
		"`BenchmarkHash` (kit/auth); `make test`":           "",
		"":                               "no proof is named",
		"we looked at it":                "no proof is named",
		"`TestNobody` (internal/domain)": "there is no TestNobody in internal/domain",
		"`TestHasRole` (kit/auth)":       "there is no TestHasRole in kit/auth",
		"`TestHasRole`, `TestNobody` (internal/domain)":        "there is no TestNobody in internal/domain",
		"`newService` (internal/domain)":                       "newService is neither a test nor a make target",
		"`TestHasRole` (internal/nowhere)":                     "there is no package internal/nowhere with tests",
		"`TestHasRole` (internal/domain), `TestCheckPassword`": "TestCheckPassword has no package behind it",
		"`make believe`": "the Makefile has no target believe",
	} {
		if got := strings.Join(proofs.judge(cell), "; "); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}

// proofs are what a row may name.
type proofs struct {
	tests    map[string][]string // by package
	makefile string
}

var (
	// named are the parts of a cell that count: what is in backquotes, and packages in parentheses.
	named  = regexp.MustCompile("`([^`]+)`|\\(([a-z0-9/_-]+)\\)")
	isTest = regexp.MustCompile(`^(Test|Benchmark|Fuzz)[A-Z]\w*$`)
)

// judge says what is wrong with a cell that names proofs.
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
		complaints = append(complaints, name+" has no package behind it")
	}
	if !found {
		complaints = append(complaints, "no proof is named")
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

// newProofs reads what there is, whatever build tags it is behind.
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

// row is one of a table, without its head.
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
