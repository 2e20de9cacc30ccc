package lab_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// banned are words that stand for a person where the text is about a mechanism, and phrases of the same kind. Plain English
// names the mechanism.
var banned = regexp.MustCompile(`(?i)\b(nobody(?:'s)?|whoever|whomever|somebody|everybody|anybody|likewise|and only so|all that there is|adminship|` +
	`mayCeaseAsAdmin|partingWhile|forLog|counted out before|what there is to|the least that|waits in a circle|held against|hold\b.{0,80}\bagainst)\b`)

// exempt are matches that are no prose: http.NoBody, the Unix user, and e-mails of tests.
var exempt = regexp.MustCompile(`NoBody|"nobody"|postgres nor nobody|nobody@`)

// unchecked are files that are generated, vendored, append-only, or about the past.
var unchecked = regexp.MustCompile(`(^|/)(gen|dist|testdata|blocklist|redoc|migrations)/|package-lock\.json$|^CHANGELOG\.md$|^lab/vocabulary_test\.go$`)

func TestVocabulary(t *testing.T) {
	t.Parallel()
	for _, file := range trackedFiles(t) {
		if unchecked.MatchString(file) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil || slices.Contains(text[:min(len(text), 512)], 0) { // a deleted file, a folder or a picture
			continue
		}
		for number, line := range strings.Split(string(text), "\n") {
			for _, match := range banned.FindAllString(exempt.ReplaceAllString(line, ""), -1) {
				t.Errorf("%s:%d: %q: name the mechanism in plain English", file, number+1, match)
			}
		}
	}
}

// trackedFiles returns the files that git tracks or would track, relative to the root.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}
