package rename

import (
	"bytes"
	"fmt"
	"go/format"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"example.com/plinth/tools/scaffold/internal/slice"
)

// rewriter turns the contents of the source's files into those of the copy's.
type rewriter struct {
	names  *strings.Replacer
	to     Names
	choice slice.Choice
	proofs proofs
}

func newRewriter(from, to Names, choice slice.Choice, has proofs) *rewriter {
	return &rewriter{
		names: strings.NewReplacer( // at each place, the first that fits
			from.Module+"/"+kitFolder, from.Module+"/"+kitFolder, // a module of its own, which keeps its path
			from.Module, to.Module,
			from.Title, to.Title,
			from.Slug, to.Slug,
			from.upper(), to.upper(),
		),
		to:     to,
		choice: choice,
		proofs: has,
	}
}

// hasSlice reports whether the copy has a slice; none has the starter's own.
func hasSlice(choice slice.Choice) func(name string) bool {
	return func(name string) bool { return name != slice.Starter && choice.Has(name) }
}

// rewrite returns the content of a file in the copy. A file that does not mention the project is returned as it is.
func (r *rewriter) rewrite(file string, content []byte) ([]byte, error) {
	if inKit(file) || !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return content, nil // verbatim, or not text
	}
	strip := slice.Strip
	if file == slice.Lockfile {
		strip = slice.StripLockfile
	}
	text, err := strip(string(content), hasSlice(r.choice))
	if err != nil {
		return nil, err
	}
	switch {
	case file == "CHANGELOG.md":
		return fmt.Appendf(nil, changelog, r.to.Title), nil
	case file == "LICENSE":
		text = copyright.ReplaceAllLiteralString(text, "Copyright (c) YEAR HOLDER OF THE COPYRIGHT")
	case file == securityPage:
		text = r.proofs.prune(text)
	case path.Ext(file) == ".go":
		return r.rewriteGo(string(content), text)
	}
	return []byte(r.names.Replace(text)), nil
}

const changelog = `# Changelog

What changes for the users of %s is written here, as [Keep a Changelog](https://keepachangelog.com/en/1.1.0/) asks.
Versions follow [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
`

var copyright = regexp.MustCompile(`(?m)^Copyright \(c\).*$`)

// rewriteGo also keeps embedded contracts and the layout right: a longer name and a region that is left out move columns,
// and another module path has another place among the imports.
func (r *rewriter) rewriteGo(original, text string) ([]byte, error) {
	renamed, err := replaceInSpecs(r.names.Replace(text), r.names.Replace)
	if err != nil || renamed == original {
		return []byte(renamed), err
	}
	if formatted, err := format.Source([]byte(original)); err != nil || string(formatted) != original {
		return []byte(renamed), nil //nolint:nilerr // test data may be broken or ugly on purpose
	}
	return format.Source([]byte(renamed))
}
