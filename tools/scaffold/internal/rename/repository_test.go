package rename_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/plinth/tools/scaffold/internal/record"
	"example.com/plinth/tools/scaffold/internal/rename"
	"example.com/plinth/tools/scaffold/internal/slice"
)

// root is the repository, from this folder.
const root = "../../../.."

// TestCopiesAreComplete makes copies of this repository, and looks for what they name and lack. Generated code is
// not written anew.
func TestCopiesAreComplete(t *testing.T) {
	t.Parallel()
	names, err := rename.NewNames("github.com/acme/order-desk", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, without := range append(slice.Names(), "", slice.AllSlices) {
		t.Run("without "+without, func(t *testing.T) {
			t.Parallel()
			choice, err := slice.Without(strings.Fields(without)...)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "copy")
			if _, err := rename.Copy(t.Context(), root, dir, rename.Options{Names: names, Choice: choice}); err != nil {
				t.Fatal(err)
			}
			c := newCopied(t, dir)
			for _, s := range choice.Left() {
				for _, owned := range s.Paths {
					if _, err := os.Lstat(filepath.Join(dir, owned)); err == nil {
						t.Errorf("the copy has %s, which belongs to %s", owned, s.Name)
					}
				}
			}
			missing := missingPaths(choice)
			for file, text := range c.texts {
				c.checkLinks(t, file, text)
				checkMentions(t, file, text, missing)
			}
			c.checkProofs(t)
		})
	}
}

// copied is a copy: the texts of its files that are written by hand, by path, and the anchors of its pages.
type copied struct {
	dir   string
	texts map[string]string
}

func newCopied(t *testing.T, dir string) copied {
	t.Helper()
	c := copied{dir, map[string]string{}}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		relative := filepath.ToSlash(strings.TrimPrefix(file, dir+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case relative == "kit", relative == "gen", strings.HasSuffix(relative, "/gen"), strings.HasSuffix(relative, "/dist"):
			return fs.SkipDir
		case !entry.Type().IsRegular() || relative == record.File:
			return nil
		}
		content, err := os.ReadFile(file) //nolint:gosec // G122: the test has written the folder
		if err == nil && utf8.Valid(content) && bytes.IndexByte(content, 0) < 0 {
			c.texts[relative] = string(content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	link    = regexp.MustCompile(`\]\(([^()\s:]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	marks   = regexp.MustCompile("[^a-z0-9 _-]")
)

// checkLinks fails the test for links to files and headings that the copy lacks.
func (c copied) checkLinks(t *testing.T, file, text string) {
	t.Helper()
	if path.Ext(file) != ".md" {
		return
	}
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		target, anchor, _ := strings.Cut(match[1], "#")
		target = path.Join(path.Dir(file), target)
		if strings.HasPrefix(match[1], "#") {
			target = file
		}
		if _, err := os.Stat(filepath.Join(c.dir, target)); err != nil {
			t.Errorf("%s has a link to %s, which does not exist", file, match[1])
		}
		if anchor != "" && !hasHeading(c.texts[target], anchor) {
			t.Errorf("%s has a link to %s: there is no such heading", file, match[1])
		}
	}
}

func hasHeading(text, anchor string) bool {
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		if strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-") == anchor {
			return true
		}
	}
	return false
}

var (
	testName     = regexp.MustCompile("`((?:Test|Benchmark|Fuzz)[A-Z]\\w*)`")
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w*)\(`)
)

// checkProofs fails the test for tests that the page about security names and the copy lacks.
func (c copied) checkProofs(t *testing.T) {
	t.Helper()
	found := map[string]bool{}
	err := fs.WalkDir(os.DirFS(c.dir), ".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		content, err := os.ReadFile(filepath.Join(c.dir, file))
		for _, match := range testFunction.FindAllStringSubmatch(string(content), -1) {
			found[match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := testName.FindAllStringSubmatch(c.texts["docs/security.md"], -1)
	if len(named) == 0 {
		t.Error("docs/security.md names no test")
	}
	for _, match := range named {
		if !found[match[1]] {
			t.Errorf("docs/security.md names %s, which the copy lacks", match[1])
		}
	}
}

// missingPaths returns a pattern for the paths that the copy lacks.
func missingPaths(choice slice.Choice) *regexp.Regexp {
	paths := []string{"tools/scaffold", "lab", "docs/faults.md", "docs/performance.md", "docs/images"}
	for _, s := range choice.Left() {
		for _, owned := range s.Paths {
			paths = append(paths, regexp.QuoteMeta(owned))
		}
	}
	return regexp.MustCompile(`(?:^|[^\w/.-])(?:\.\./)*(` + strings.Join(paths, "|") + `)(?:[^\w.-]|\.\W|$)`)
}

// starterMayBeNamed has the files that concern the starter in a copy.
var starterMayBeNamed = map[string]bool{
	"docs/adr/0001-started-from-plinth.md": true,
	"scripts/update.sh":                    true, // runs the program of the starter
}

var (
	starterName = regexp.MustCompile(`(?i)plinth`)
	kitModule   = regexp.MustCompile(`example\.com/plinth/kit\b`)
)

// checkMentions fails the test for the name of the starter, marks, and paths that the copy lacks.
func checkMentions(t *testing.T, file, text string, missing *regexp.Regexp) {
	t.Helper()
	if starterMayBeNamed[file] {
		return
	}
	for number, line := range strings.Split(text, "\n") {
		if match := missing.FindStringSubmatch(line); match != nil {
			t.Errorf("%s:%d names %s, which the copy lacks: %s", file, number+1, match[1], line)
		}
		if starterName.MatchString(kitModule.ReplaceAllString(line, "")) {
			t.Errorf("%s:%d names the starter: %s", file, number+1, line)
		}
		for _, mark := range []string{"scaffold:begin", "scaffold:end", "scaffold:only"} {
			if strings.Contains(line, mark) {
				t.Errorf("%s:%d has a mark: %s", file, number+1, line)
			}
		}
	}
}
