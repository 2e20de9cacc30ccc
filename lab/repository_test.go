// Package lab_test checks the repository: its scripts, documentation, pinned versions and modules.
package lab_test

import (
	"io/fs"
	"iter"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const root = ".." // of the repository, from this folder

// goFiles yields the Go files of all modules, relative to the root and with slashes.
func goFiles(t *testing.T) iter.Seq[string] {
	t.Helper()
	return func(yield func(string) bool) {
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			relative := filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
			switch {
			case err != nil:
				return err
			case entry.IsDir() && file != root && !hasSources(entry.Name()):
				return filepath.SkipDir
			case !entry.IsDir() && path.Ext(relative) == ".go" && !yield(relative):
				return filepath.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func hasSources(folder string) bool {
	return folder != "testdata" && folder != "node_modules" && folder != "vendor" && folder[0] != '.' && folder[0] != '_'
}
