package rename

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"example.com/plinth/tools/scaffold/internal/slice"
)

// securityPage has a table of guarantees, whose last column names the tests of each.
const securityPage = "docs/security.md"

// provedElsewhere is what the last column says in a copy that has none of the tests.
const provedElsewhere = "of the starter"

// proofs are the tests that a copy has, as folder and name, and its Makefile.
type proofs struct {
	tests    map[string]bool
	makefile string
}

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)\(`)
	// proof is a name in backquotes, or the package of the names before it, in parentheses.
	proof = regexp.MustCompile("`([^`]+)`|\\(([a-z0-9/_-]+)\\)")
)

// proofsOf reads the tests of the files that a copy gets.
func proofsOf(from *os.Root, files []string, choice slice.Choice) (proofs, error) {
	found := proofs{tests: map[string]bool{}}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") && file != "Makefile" {
			continue
		}
		content, err := from.ReadFile(file)
		if err != nil {
			return found, err
		}
		text := string(content)
		if !inKit(file) {
			if text, err = slice.Strip(text, hasSlice(choice)); err != nil {
				return found, fmt.Errorf("%s: %w", file, err)
			}
		}
		if file == "Makefile" {
			found.makefile = text
			continue
		}
		for _, match := range testFunction.FindAllStringSubmatch(text, -1) {
			found.tests[path.Dir(file)+" "+match[1]] = true
		}
	}
	return found, nil
}

// prune removes from the last column of the page's tables what a copy does not have.
func (p proofs) prune(page string) string {
	var pruned strings.Builder
	for line := range strings.Lines(page) {
		row, isRow := strings.CutSuffix(strings.TrimRight(line, "\n"), " |")
		last := strings.LastIndex(row, " | ")
		if isRow && last >= 0 && proof.MatchString(row[last:]) {
			line = row[:last] + " | " + p.pruneCell(row[last:]) + " |\n"
		}
		pruned.WriteString(line)
	}
	return pruned.String()
}

func (p proofs) pruneCell(cell string) string {
	var kept, waiting []string
	for _, match := range proof.FindAllStringSubmatch(cell, -1) {
		name, folder := match[1], match[2]
		target, isTarget := strings.CutPrefix(name, "make ")
		switch {
		case isTarget && regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`).MatchString(p.makefile):
			kept = append(kept, "`"+name+"`")
		case isTarget:
		case folder == "":
			waiting = append(waiting, name)
		default:
			if group := p.having(folder, waiting); group != "" {
				kept = append(kept, group)
			}
			waiting = nil
		}
	}
	if len(kept) == 0 {
		return provedElsewhere
	}
	return strings.Join(kept, ", ")
}

// having returns those of the names that are tests in a folder, as the page lists them.
func (p proofs) having(folder string, names []string) string {
	var kept []string
	for _, name := range names {
		if p.tests[folder+" "+name] {
			kept = append(kept, "`"+name+"`")
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return strings.Join(kept, ", ") + " (" + folder + ")"
}
