package lab_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// link matches the target of a relative link, and its anchor.
	link = regexp.MustCompile(`\]\(([\w./-]*)(?:#([\w-]+))?\)`)
	// heading matches a heading, as which anchors are named.
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
)

// TestLinksOfPages checks that the relative links of all pages lead to files and headings.
func TestLinksOfPages(t *testing.T) {
	t.Parallel()
	for _, page := range trackedFiles(t) {
		if filepath.Ext(page) != ".md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil { // deleted
			continue
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			target := page
			if match[1] != "" {
				target = filepath.Join(filepath.Dir(page), match[1])
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil { //nolint:gosec // G703: links of our own pages
				t.Errorf("%s links to %s, which does not exist", page, match[1])
			} else if match[2] != "" && !hasHeading(t, target, match[2]) {
				t.Errorf("%s links to %s#%s, which has no such heading", page, match[1], match[2])
			}
		}
	}
}

func hasHeading(t *testing.T, page, anchor string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page)) //nolint:gosec // G703: links of our own pages
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range heading.FindAllStringSubmatch(string(text), -1) {
		name := regexp.MustCompile(`[^\w -]`).ReplaceAllString(strings.ToLower(match[1]), "")
		if strings.ReplaceAll(name, " ", "-") == anchor {
			return true
		}
	}
	return false
}
