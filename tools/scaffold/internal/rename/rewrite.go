package rename

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// rewriter turns the contents of the source's files into those of the copy's.
type rewriter struct {
	names *strings.Replacer
	to    Names
	year  int
}

func newRewriter(from, to Names, year int) *rewriter {
	return &rewriter{
		names: strings.NewReplacer( // at each place, the first that fits
			from.Module+"/"+kitFolder, from.Module+"/"+kitFolder, // a module of its own, which keeps its path
			from.Module, to.Module,
			from.Title, to.Title,
			from.Slug, to.Slug,
			from.upper(), to.upper(),
		),
		to:   to,
		year: year,
	}
}

// rewrite returns the content of a file in the copy. A file that does not mention the project is returned as it is.
func (r *rewriter) rewrite(file string, content []byte) ([]byte, error) {
	if inKit(file) || !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return content, nil // verbatim, or not text
	}
	text, err := dropStarterSections(string(content))
	if err != nil {
		return nil, err
	}
	switch {
	case file == "CHANGELOG.md":
		return fmt.Appendf(nil, changelog, r.to.Title), nil
	case file == "LICENSE":
		text = copyright.ReplaceAllLiteralString(text, fmt.Sprintf("Copyright (c) %d The %s authors", r.year, r.to.Title))
	case path.Ext(file) == ".go":
		return r.rewriteGo(text)
	}
	return []byte(r.names.Replace(text)), nil
}

// kitFolder holds the module that copies share. Its files are copied unchanged.
const kitFolder = "kit"

func inKit(file string) bool { return strings.HasPrefix(file, kitFolder+"/") }

const changelog = `# Changelog

What changes for the users of %s is written here, as [Keep a Changelog](https://keepachangelog.com/en/1.1.0/) asks.
Versions follow [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
`

var copyright = regexp.MustCompile(`(?m)^Copyright \(c\).*$`)

// rewriteGo also keeps embedded contracts and the layout right: a longer name moves columns, and another module path
// has another place among the imports.
func (r *rewriter) rewriteGo(text string) ([]byte, error) {
	renamed, err := replaceInSpecs(r.names.Replace(text), r.names.Replace)
	if err != nil || renamed == text {
		return []byte(renamed), err
	}
	formatted, err := format.Source([]byte(text))
	if err != nil || string(formatted) != text {
		return []byte(renamed), nil //nolint:nilerr // test data may be broken or ugly on purpose
	}
	return format.Source([]byte(renamed))
}

// section matches the lines around what is true of the starter only: comments that begin with scaffold:begin and
// scaffold:end.
var section = regexp.MustCompile(`^\s*(?:#|//|--|<!--)\s*scaffold:(begin|end)\b`)

// dropStarterSections removes the marked sections, and one of the two blank lines that would remain around each.
func dropStarterSections(text string) (string, error) {
	if !strings.Contains(text, "scaffold:") {
		return text, nil
	}
	var kept []string
	inside, justClosed := false, false
	for line := range strings.Lines(text) {
		isMark, begins := parseMark(line)
		switch {
		case isMark && begins == inside:
			return "", fmt.Errorf("the sections of the starter are not in order: %s", strings.TrimSpace(line))
		case isMark:
			inside, justClosed = begins, !begins
			continue
		case inside:
			continue
		case justClosed && isBlank(line) && (len(kept) == 0 || isBlank(kept[len(kept)-1])):
		default:
			kept = append(kept, line)
		}
		justClosed = false
	}
	if inside {
		return "", errors.New("a section of the starter has no scaffold:end")
	}
	return strings.Join(kept, ""), nil
}

func parseMark(line string) (isMark, begins bool) {
	match := section.FindStringSubmatch(line)
	return match != nil, slices.Contains(match, "begin")
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }
