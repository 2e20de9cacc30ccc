package slice_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/plinth/tools/scaffold/internal/slice"
)

// root is the repository, from this folder.
const root = "../../../.."

// TestMarksAndSlicesOfTheRepository reads all files that copies get.
func TestMarksAndSlicesOfTheRepository(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Skipf("this is no repository: %v", err)
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	seen := map[string]bool{}
	for _, file := range files {
		for _, name := range slice.Owners(file) {
			seen[name] = true
			checkGenerated(t, file, name)
		}
		if strings.HasPrefix(file, "tools/scaffold/") || strings.HasPrefix(file, "kit/") {
			continue // these speak of marks, and are never stripped
		}
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil || !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
			continue // deleted, a link to a folder, or not text
		}
		names, err := slice.Marks(string(content))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, name := range names {
			seen[name] = true
			checkGenerated(t, file, name)
		}
	}
	for _, s := range slice.All() {
		if !seen[s.Name] {
			t.Errorf("the slice %s has neither a file nor a mark: remove it from the table", s.Name)
		}
		for _, owned := range s.Paths {
			if !slices.ContainsFunc(files, func(file string) bool { return file == owned || strings.HasPrefix(file, owned+"/") }) {
				t.Errorf("the slice %s lists %s, which does not exist", s.Name, owned)
			}
		}
	}
}

// checkGenerated fails the test if code is generated from a file that a slice has a part of, and its row does not say so.
func checkGenerated(t *testing.T, file, name string) {
	t.Helper()
	isSource := file == "api/openapi.yaml" || strings.HasPrefix(file, "db/") && strings.HasSuffix(file, ".sql")
	for _, s := range slice.All() {
		if isSource && s.Name == name && !s.Generated {
			t.Errorf("%s has a part of the slice %s: set Generated in its row", file, name)
		}
	}
}
