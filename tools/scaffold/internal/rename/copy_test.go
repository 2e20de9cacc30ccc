package rename_test

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/tools/scaffold/internal/rename"
	"example.com/plinth/tools/scaffold/internal/slice"
)

// binary is not text, although it holds the name.
const binary = "\x1f\x8b\x08\x00plinth"

// tree is the smallest project: slash-separated paths and contents. A content of "-> x" is a symbolic link to x.
func tree() map[string]string {
	return map[string]string{
		"go.mod":                     "module example.com/plinth\n\ngo 1.26.0\n",
		"tools/go.mod":               "module example.com/plinth/tools\n",
		".gitignore":                 "*.log\n",
		".env.example":               "APP_NAME=Plinth\nJWT_ISSUER=plinth\nPLINTH_HOME=/etc/plinth\n",
		"deploy/plinth/plinth.conf":  "urn:plinth:x plinth_test_1 PlinthPlinth\n",
		"AGENTS.md":                  "# Plinth\n",
		"CLAUDE.md":                  "-> AGENTS.md",
		"CHANGELOG.md":               "# Changelog\n\n## [0.9.0]\n\n- Plinth learned to fly.\n",
		"LICENSE":                    "MIT License\n\nCopyright (c) 2026 Another Holder\n\nPermission is hereby granted\n",
		"docs/untouched.txt":         "no name here, plint h neither\r\n",
		"docs/page.gz":               binary,
		"docs/adr/0001-ours.md":      "# 1. Ours\n",
		"docs/faults.md":             "figures of Plinth\n",
		"lab/go.mod":                 "module example.com/plinth/lab\n",
		"kit/go.mod":                 "module example.com/plinth/kit\n",
		"kit/plinth.go":              "package kit // of Plinth\n",
		"cmd/main.go":                "package main\n\nimport (\n\t\"example.com/plinth/cmd\"\n\t\"example.com/plinth/kit/auth\"\n)\n",
		"scripts/start.sh":           "#!/bin/sh\nexec bin/server\n",
		"scripts/check-new.sh":       "#!/bin/sh\n",
		"tools/scaffold/main.go":     "package main\n",
		"tools/scaffolding/notes.md": "kept\n",
	}
}

// write makes a project of files; those that end in .sh can be executed.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "source")
	for file, content := range files {
		target := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			t.Fatal(err)
		}
		var err error
		if link, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(link, target)
		} else {
			mode := fs.FileMode(0o600)
			if strings.HasSuffix(file, ".sh") {
				mode = 0o700
			}
			err = os.WriteFile(target, []byte(content), mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read is the reverse of write, but for the permissions.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	files := map[string]string{}
	err = fs.WalkDir(root.FS(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			link, err := root.Readlink(file)
			files[file] = "-> " + link
			return err
		}
		content, err := root.ReadFile(file)
		files[file] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func names(t *testing.T) rename.Names {
	t.Helper()
	names, err := rename.NewNames("github.com/acme/order-desk2", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func options(t *testing.T) rename.Options {
	t.Helper()
	return rename.Options{Names: names(t)}
}

// copyOf returns the copy of a project of these files.
func copyOf(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "order-desk2")
	if _, err := rename.Copy(t.Context(), write(t, files), dir, options(t)); err != nil {
		t.Fatal(err)
	}
	return read(t, dir)
}

func TestCopy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "copy")
	report, err := rename.Copy(t.Context(), write(t, tree()), dir, options(t))
	if err != nil {
		t.Fatal(err)
	}

	got := read(t, dir)
	changelog, record, started := got["CHANGELOG.md"], got[".scaffold.json"], got["docs/adr/0001-started-from-plinth.md"]
	for _, file := range []string{"CHANGELOG.md", ".scaffold.json", "docs/adr/0001-started-from-plinth.md", "docs/adr/template.md"} {
		if got[file] == "" {
			t.Errorf("the copy has no %s", file)
		}
		delete(got, file)
	}
	want := map[string]string{
		"go.mod":                            "module github.com/acme/order-desk2\n\ngo 1.26.0\n",
		"tools/go.mod":                      "module github.com/acme/order-desk2/tools\n",
		".gitignore":                        "*.log\n",
		".env.example":                      "APP_NAME=OrderDesk2\nJWT_ISSUER=orderdesk2\nORDERDESK2_HOME=/etc/orderdesk2\n",
		"deploy/orderdesk2/orderdesk2.conf": "urn:orderdesk2:x orderdesk2_test_1 OrderDesk2OrderDesk2\n",
		"AGENTS.md":                         "# OrderDesk2\n",
		"CLAUDE.md":                         "-> AGENTS.md",
		"LICENSE":                           "MIT License\n\nCopyright (c) YEAR HOLDER OF THE COPYRIGHT\n\nPermission is hereby granted\n",
		"docs/untouched.txt":                "no name here, plint h neither\r\n",
		"docs/page.gz":                      binary,
		"kit/go.mod":                        "module example.com/plinth/kit\n",
		"kit/plinth.go":                     "package kit // of Plinth\n",
		"cmd/main.go":                       "package main\n\nimport (\n\t\"example.com/plinth/kit/auth\"\n\t\"github.com/acme/order-desk2/cmd\"\n)\n",
		"scripts/start.sh":                  "#!/bin/sh\nexec bin/server\n",
		"tools/scaffolding/notes.md":        "kept\n",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if report.Files != len(want)+4 {
		t.Errorf("Copy reports %d files, want %d", report.Files, len(want)+4)
	}
	if !strings.Contains(record, `"module": "github.com/acme/order-desk2"`) || !strings.Contains(record, `"typescript": true`) {
		t.Errorf("the record is %s", record)
	}
	if !strings.Contains(started, "OrderDesk2 was made from Plinth") {
		t.Errorf("the first decision is %s", started)
	}
	if strings.Contains(changelog, "fly") || !strings.Contains(changelog, "OrderDesk2") ||
		!strings.Contains(changelog, "## [Unreleased]") {
		t.Errorf("the change log is not a fresh one: %s", changelog)
	}
}

func TestCopyWithoutASlice(t *testing.T) {
	t.Parallel()
	files := tree()
	files["clients/typescript/package.json"] = "{}"
	files["examples/web/package.json"] = "{}"
	files["clients/go/client.go"] = "package plinth\n"
	files["Makefile"] = "a:\n# scaffold:begin typescript\nb:\n# scaffold:end typescript\n# scaffold:begin go-client\nc:\n# scaffold:end go-client\n"
	choice, err := slice.Without("typescript")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "copy")
	if _, err := rename.Copy(t.Context(), write(t, files), dir, rename.Options{Names: names(t), Choice: choice}); err != nil {
		t.Fatal(err)
	}
	got := read(t, dir)
	for file, want := range map[string]bool{
		"clients/typescript/package.json": false, "examples/web/package.json": false, "clients/go/client.go": true,
	} {
		if _, there := got[file]; there != want {
			t.Errorf("%s is in the copy: %t, want %t", file, there, want)
		}
	}
	if got["Makefile"] != "a:\nc:\n" {
		t.Errorf("the Makefile is %q", got["Makefile"])
	}
	if record := got[".scaffold.json"]; !strings.Contains(record, `"web": false`) || !strings.Contains(record, `"go-client": true`) {
		t.Errorf("the record is %s", record)
	}
}

func TestDigestOfTheKitIsThatOfGit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := filepath.Join(t.TempDir(), "copy")
	if _, err := rename.Copy(t.Context(), write(t, tree()), dir, options(t)); err != nil {
		t.Fatal(err)
	}
	if err := rename.InitGit(t.Context(), dir, "Start"); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c",
		"git ls-files kit | LC_ALL=C sort | git hash-object --no-filters --stdin-paths | git hash-object --stdin")
	command.Dir = dir
	digest, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if record := read(t, dir)[".scaffold.json"]; !strings.Contains(record, `"kit": "`+strings.TrimSpace(string(digest))+`"`) {
		t.Errorf("git makes %s of kit/, the record is %s", digest, record)
	}
}

func TestCopyRecordsTheCommit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	source := write(t, tree())
	if err := rename.InitGit(t.Context(), source, "Start"); err != nil {
		t.Fatal(err)
	}
	clean, err := rename.Copy(t.Context(), source, filepath.Join(t.TempDir(), "copy"), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(source, "AGENTS.md"), []byte("# Changed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dirty, err := rename.Copy(t.Context(), source, filepath.Join(t.TempDir(), "copy"), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(clean.Commit) != 40 || clean.Dirty || dirty.Commit != clean.Commit || !dirty.Dirty {
		t.Errorf("clean: %+v, dirty: %+v", clean, dirty)
	}
}

func TestCopyKeepsExecutableBits(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "copy")
	if _, err := rename.Copy(t.Context(), write(t, tree()), dir, options(t)); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{"scripts/start.sh": true, "LICENSE": false, ".": true} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm()&0o111 != 0; got != want {
			t.Errorf("%s has the mode %s", file, info.Mode())
		}
	}
}

func TestCopyLeavesSecretsAndDataBehind(t *testing.T) {
	t.Parallel()
	private := []string{
		".env", "deploy/.env.production", ".data/jwt_secret", ".data/postgres/PG_VERSION", "bin/server",
		"clients/node_modules/x/index.js",
	}
	files := tree()
	for _, file := range private {
		files[file] = "secret\n"
	}
	files["deploy/bin/run"] = "written by hand\n"
	got := copyOf(t, files) // there is no .gitignore that names them, and no git to ask
	for _, file := range private {
		if _, ok := got[file]; ok {
			t.Errorf("%s was copied", file)
		}
	}
	for _, file := range []string{".env.example", "deploy/bin/run"} {
		if _, ok := got[file]; !ok {
			t.Errorf("%s was not copied", file)
		}
	}
}

func TestCopyAsksGit(t *testing.T) {
	t.Parallel()
	files := tree()
	files["debug.log"] = "ignored\n"
	files["removed.txt"] = "tracked, but no longer there\n"
	files[".env"] = "JWT_SECRET=tracked by mistake\n"
	source := write(t, files)
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}} {
		command := exec.CommandContext(t.Context(), "git", args...)
		command.Dir = source
		command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
	}
	if err := os.Remove(filepath.Join(source, "removed.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(source, "untracked with ünicode.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	dir := filepath.Join(t.TempDir(), "copy")
	if _, err := rename.Copy(t.Context(), source, dir, options(t)); err != nil {
		t.Fatal(err)
	}
	got := read(t, dir)
	for _, file := range []string{"debug.log", "removed.txt", ".env", ".git/HEAD"} {
		if _, ok := got[file]; ok {
			t.Errorf("%s was copied", file)
		}
	}
	for _, file := range []string{"untracked with ünicode.txt", "go.mod", ".gitignore"} {
		if _, ok := got[file]; !ok {
			t.Errorf("%s was not copied", file)
		}
	}
}

func TestCopyRefusesTheTarget(t *testing.T) {
	t.Parallel()
	source := write(t, tree())
	elsewhere := t.TempDir()
	file := filepath.Join(elsewhere, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(source, link); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, dir, complaint string }{
		{"the source itself", source, "is not empty"},
		{"the source's parent", filepath.Dir(source), "is not empty"},
		{"a folder with something in it", elsewhere, "is not empty"},
		{"a file", file, "not a directory"},
		{"a folder under a file", filepath.Join(file, "copy"), "not a directory"},
		{"inside the source", filepath.Join(source, "copies", "new"), "inside of this project"},
		{"inside the source, by a link", filepath.Join(link, "copies", "new"), "inside of this project"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := rename.Copy(t.Context(), source, test.dir, options(t))
			if err == nil || !strings.Contains(err.Error(), test.complaint) {
				t.Errorf("got %v, want an error with %q", err, test.complaint)
			}
			if _, err := os.Stat(filepath.Join(source, "copies")); err == nil {
				t.Error("something was made inside of the source")
			}
		})
	}
}

func TestCopyFillsAnEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := rename.Copy(t.Context(), write(t, tree()), dir, options(t)); err != nil {
		t.Fatal(err)
	}
	if _, ok := read(t, dir)["go.mod"]; !ok {
		t.Error("there is no go.mod in it")
	}
}

func TestCopyThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, content, complaint string }{
		{"a link out of the project", "passwd", "-> /etc/passwd", "outside of the project"},
		{"a relative link out of the project", "docs/up", "-> ../../x", "outside of the project"},
		{"a section without an end", "README.md", "# Plinth\n<!-- scaffold:begin -->\n", "README.md: the region"},
		{"a section in a section", "README.md", "# scaffold:begin\n# scaffold:begin\n# scaffold:end\n", "has no end"},
		{"a section without a beginning", "README.md", "# Plinth\n# scaffold:end\n", "not open"},
		{"its own module path", "go.mod", "module github.com/acme/order-desk2\n", "choose another"},
		{"no module path", "go.mod", "go 1.26\n", "no module line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := tree()
			files[test.file] = test.content
			parent := t.TempDir()
			_, err := rename.Copy(t.Context(), write(t, files), filepath.Join(parent, "copy"), options(t))
			if err == nil || !strings.Contains(err.Error(), test.complaint) {
				t.Errorf("got %v, want an error with %q", err, test.complaint)
			}
			left, err := os.ReadDir(parent)
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
