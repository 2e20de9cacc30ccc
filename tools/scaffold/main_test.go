package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewRefuses checks that input that makes no sense is named, and that nothing is written.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"file": "x", "full/file": "x"} {
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := files(t, dir)
	const module = "github.com/acme/orders"
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nothing", nil, 2, "Usage: make new"},
		{"no module", []string{"-dir", dir + "/new"}, 2, "Usage: make new"},
		{"an unknown flag", []string{"-dri", dir + "/new"}, 2, "Usage: make new"},
		{"a folder that is not empty", []string{"-dir", dir + "/full", "-module", module}, 1, "not empty"},
		{"a file", []string{"-dir", dir + "/file", "-module", module}, 1, "not a directory"},
		{"a folder below a file", []string{"-dir", dir + "/file/new", "-module", module}, 1, "not a directory"},
		{"a folder that cannot be made", []string{"-dir", "/proc/new", "-module", module}, 1, "/proc"},
		{"a folder of the starter", []string{"-dir", "bin/new", "-module", module}, 1, "inside of this project"},
		{"no host", []string{"-dir", dir + "/new", "-module", "orders"}, 1, "does not begin with a host"},
		{"the module of the starter", []string{"-dir", dir + "/new", "-module", "example.com/plinth"}, 1, "choose another"},
		{"a name of Go", []string{"-dir", dir + "/new", "-module", module, "-name", "func"}, 1, `"func"`},
		{"a name of other letters", []string{"-dir", dir + "/new", "-module", module, "-name", "Bücher"}, 1, "ASCII"},
		{"an unknown slice", []string{"-dir", dir + "/new", "-module", module, "-without", "webb"}, 1, `no slice "webb"`},
		{"a source that is no project", []string{"-source", dir + "/full", "-dir", dir + "/new", "-module", module}, 1, "module path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), test.args, &stdout, &stderr)
			if code != test.code || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("exit status %d, want %d and %q in: %s", code, test.code, test.want, &stderr)
			}
			if after := files(t, dir); after != before {
				t.Errorf("the folder has %s, had %s", after, before)
			}
		})
	}
}

// files returns the names of all files in a folder.
func files(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(file string, _ os.DirEntry, err error) error {
		names = append(names, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}
