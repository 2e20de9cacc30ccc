package update_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/tools/scaffold/internal/record"
	"example.com/plinth/tools/scaffold/internal/rename"
	"example.com/plinth/tools/scaffold/internal/slice"
	"example.com/plinth/tools/scaffold/internal/update"
)

// starter returns a repository of the starter with one commit.
func starter(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":                          "module example.com/plinth\n",
		"README.md":                       "# Plinth\n\none\ntwo\nthree\nfour\nfive\n",
		"Makefile":                        "run:\n\ttrue\n\ntest:\n\ttrue\n",
		"kit/kit.go":                      "package kit\n",
		"db/migrations/000001_a.up.sql":   "SELECT 1;\n",
		"CHANGELOG.md":                    "# Changelog\n\n## [Unreleased]\n",
		"clients/typescript/package.json": "{}\n",
		"clients/go/client.go":            "package plinth\n",
	})
	git(t, dir, "init", "--quiet", "--initial-branch=main")
	commit(t, dir, "Start")
	return dir
}

// copyOf makes a copy of the starter, with one commit, and changes it as a team would.
func copyOf(t *testing.T, source string, without ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "orders")
	must(t, renderInto(t.Context(), source, dir, record.Record{Module: "github.com/acme/orders"}, without))
	git(t, dir, "init", "--quiet", "--initial-branch=main")
	commit(t, dir, "Start Orders")
	write(t, dir, map[string]string{"README.md": "# Orders\n\none\ntwo\nthree\nfour\nfive\nsix, of the team\n", "orders.go": "package orders\n"})
	commit(t, dir, "Take orders")
	return dir
}

func renderInto(ctx context.Context, source, dir string, as record.Record, without []string) error {
	names, err := rename.NewNames(as.Module, as.Name, nil)
	if err != nil {
		return err
	}
	choice, err := slice.Without(without...)
	if err != nil {
		return err
	}
	_, err = rename.Copy(ctx, source, dir, rename.Options{Names: names, Choice: choice, From: as.Source})
	return err
}

func run(t *testing.T, project, source string, changes ...func(*update.Options)) (string, error) {
	t.Helper()
	var out bytes.Buffer
	options := update.Options{Project: project, Source: source, Commit: "main", Render: renderInto, Out: &out}
	for _, change := range changes {
		change(&options)
	}
	err := update.Run(t.Context(), options)
	return out.String(), err
}

func TestUpdateMerges(t *testing.T) {
	t.Parallel()
	source := starter(t)
	project := copyOf(t, source)
	write(t, source, map[string]string{
		"README.md": "# Plinth\n\nONE\ntwo\nthree\nfour\nfive\n", "kit/kit.go": "package kit // of 2031\n",
		"db/migrations/20310101000000_b.up.sql": "SELECT 2;\n",
		"CHANGELOG.md":                          "# Changelog\n\n## [Unreleased]\n\n- Breaking: bread\n  is baked\n- No break\n",
	})
	commit(t, source, "Improve")

	said, err := run(t, project, source)
	must(t, err)
	if got := read(t, project, "README.md"); got != "# Orders\n\nONE\ntwo\nthree\nfour\nfive\nsix, of the team\n" {
		t.Errorf("README.md is %q", got)
	}
	if got := read(t, project, "kit/kit.go"); got != "package kit // of 2031\n" {
		t.Errorf("kit/kit.go is %q", got)
	}
	branch := git(t, project, "branch", "--show-current")
	target := git(t, source, "rev-parse", "main")
	if !strings.HasPrefix(target, strings.TrimPrefix(branch, "scaffold/")) {
		t.Errorf("the branch is %s, of revision %s", branch, target)
	}
	for _, part := range []string{branch, "20310101000000_b.up.sql", "  Breaking: bread is baked\n", "git merge " + branch} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is missing in:\n%s", part, said)
		}
	}
	recorded, err := record.Read(project)
	must(t, err)
	if recorded.Commit != target {
		t.Errorf("the record says %s, want %s", recorded.Commit, target)
	}

	git(t, project, "switch", "--quiet", "main")
	git(t, project, "merge", "--quiet", branch)
	if said, err = run(t, project, source); err != nil || !strings.Contains(said, "already") {
		t.Errorf("updated again, it says %q, %v", said, err)
	}
}

func TestUpdateLeavesConflictsToGit(t *testing.T) {
	t.Parallel()
	source := starter(t)
	project := copyOf(t, source)
	write(t, source, map[string]string{"README.md": "# Plinth\n\none\ntwo\nthree\nfour\nFIVE\n"})
	commit(t, source, "Improve")
	before := git(t, project, "rev-parse", "HEAD")

	for range 2 { // the second time after an abort
		said, err := run(t, project, source)
		if !errors.Is(err, update.ErrConflicts) {
			t.Fatalf("got %v, want ErrConflicts", err)
		}
		if !strings.Contains(said, "README.md") || !strings.Contains(said, "git cherry-pick --abort") {
			t.Errorf("it says\n%s", said)
		}
		if !strings.Contains(read(t, project, "README.md"), "<<<<<<<") {
			t.Error("README.md has no conflict")
		}
		git(t, project, "cherry-pick", "--abort")
		git(t, project, "switch", "--quiet", "main")
		if git(t, project, "rev-parse", "HEAD") != before || git(t, project, "status", "--porcelain") != "" {
			t.Error("after an abort the project is not as it was")
		}
	}
}

func TestUpdateResolvesConflictsInGeneratedCode(t *testing.T) {
	t.Parallel()
	source := starter(t)
	write(t, source, map[string]string{"gen/api.go": "package gen // 1\n", "gen/old.go": "package gen\n"})
	commit(t, source, "Generate")
	project := copyOf(t, source)
	write(t, project, map[string]string{"gen/api.go": "package gen // of the team\n", "gen/old.go": "package gen // of the team\n"})
	commit(t, project, "Generate")
	write(t, source, map[string]string{"gen/api.go": "package gen // 2\n"})
	must(t, os.Remove(filepath.Join(source, "gen", "old.go")))
	commit(t, source, "Generate anew")

	said, err := run(t, project, source)
	must(t, err)
	if got := read(t, project, "gen/api.go"); got != "package gen // 2\n" || !strings.Contains(said, "make generate writes") {
		t.Errorf("gen/api.go is %q; it says\n%s", got, said)
	}
	if _, err := os.Stat(filepath.Join(project, "gen", "old.go")); err == nil {
		t.Error("gen/old.go is still there")
	}
	if status := git(t, project, "status", "--porcelain"); status != "" {
		t.Errorf("not committed: %s", status)
	}
}

func TestUpdateTellsMigrationsOutOfOrder(t *testing.T) {
	t.Parallel()
	source := starter(t)
	project := copyOf(t, source)
	write(t, project, map[string]string{"db/migrations/20310601000000_orders.up.sql": "SELECT 1;\n"})
	commit(t, project, "Add a table")
	write(t, source, map[string]string{
		"db/migrations/20310501000000_older.up.sql": "SELECT 2;\n", "db/migrations/20310701000000_newer.up.sql": "SELECT 3;\n",
	})
	must(t, os.Rename(filepath.Join(source, "db", "migrations", "000001_a.up.sql"),
		filepath.Join(source, "db", "migrations", "000001_all.up.sql")))
	commit(t, source, "Improve")
	said, err := run(t, project, source)
	must(t, err)
	if strings.Contains(said, "000001") {
		t.Errorf("an applied migration with another name is told:\n%s", said)
	}
	before, after, found := strings.Cut(said, "--allow-out-of-order")
	if !found || !strings.Contains(before, "_newer") || strings.Contains(before, "_older") || !strings.Contains(after, "_older") {
		t.Errorf("it says\n%s", said)
	}
}

func TestUpdateChangesSlices(t *testing.T) {
	t.Parallel()
	source := starter(t)
	project := copyOf(t, source, "typescript")
	_, err := run(t, project, source, func(o *update.Options) { o.Add, o.Drop = []string{"typescript"}, []string{"go-client"} })
	must(t, err)
	if read(t, project, "clients/typescript/package.json") != "{}\n" {
		t.Error("typescript was not added")
	}
	if _, err := os.Stat(filepath.Join(project, "clients", "go")); err == nil {
		t.Error("go-client was not dropped")
	}
	recorded, err := record.Read(project)
	must(t, err)
	if !recorded.Slices["typescript"] || recorded.Slices["go-client"] || recorded.Slices["web"] {
		t.Errorf("the record says %v", recorded.Slices)
	}
}

// The record of a copy does not tell about slices that are newer than it.
func TestUpdateKeepsWhatBecameASlice(t *testing.T) {
	t.Parallel()
	for name, had := range map[string]bool{"every copy had it": true, "it is new": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := starter(t)
			if had {
				write(t, source, map[string]string{"deploy/kubernetes/deployment.yaml": "kind: Deployment\n"})
				commit(t, source, "Deploy")
			}
			project := copyOf(t, source)
			forgetKubernetes(t, project)
			commit(t, project, "Forget a slice")
			write(t, source, map[string]string{"deploy/kubernetes/service.yaml": "kind: Service\n"})
			commit(t, source, "Improve")
			_, err := run(t, project, source, func(o *update.Options) {
				o.Render = func(ctx context.Context, source, dir string, as record.Record, without []string) error {
					err := renderInto(ctx, source, dir, as, without)
					if _, later := os.Stat(filepath.Join(source, "deploy", "kubernetes", "service.yaml")); later != nil {
						forgetKubernetes(t, dir)
					}
					return err
				}
			})
			must(t, err)
			recorded, err := record.Read(project)
			must(t, err)
			_, missing := os.Stat(filepath.Join(project, "deploy", "kubernetes", "service.yaml"))
			if recorded.Slices["kubernetes"] != had || (missing == nil) != had {
				t.Errorf("the record says %v; the file: %v", recorded.Slices, missing)
			}
		})
	}
}

// forgetKubernetes makes the record of a copy that of a version without this slice.
func forgetKubernetes(t *testing.T, dir string) {
	t.Helper()
	text := regexp.MustCompile(`    "kubernetes": (true|false),\n`).ReplaceAllString(read(t, dir, record.File), "")
	write(t, dir, map[string]string{record.File: text})
}

func TestUpdateOfAnEjectedKitMerges(t *testing.T) {
	t.Parallel()
	source := starter(t)
	project := copyOf(t, source)
	must(t, record.Eject(project))
	commit(t, project, "Eject the kit")
	write(t, source, map[string]string{"kit/kit.go": "package kit // of 2031\n"})
	commit(t, source, "Improve")
	_, err := run(t, project, source)
	must(t, err)
	recorded, err := record.Read(project)
	must(t, err)
	if recorded.Kit != record.Ejected || read(t, project, "kit/kit.go") != "package kit // of 2031\n" {
		t.Errorf("the kit is %q, the record %+v", read(t, project, "kit/kit.go"), recorded)
	}
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	source := starter(t)
	for _, test := range []struct {
		name      string
		spoil     func(t *testing.T, project string)
		change    func(*update.Options)
		complaint string
	}{
		{name: "uncommitted changes", complaint: "commit or stash", spoil: func(t *testing.T, project string) {
			t.Helper()
			write(t, project, map[string]string{"orders.go": "package orders // changed\n"})
		}},
		{name: "a detached HEAD", complaint: "detached", spoil: func(t *testing.T, project string) {
			t.Helper()
			git(t, project, "switch", "--quiet", "--detach")
		}},
		{name: "no repository", complaint: "no git repository", spoil: func(t *testing.T, project string) {
			t.Helper()
			must(t, os.RemoveAll(filepath.Join(project, ".git")))
		}},
		{name: "no record", complaint: record.File, spoil: func(t *testing.T, project string) {
			t.Helper()
			must(t, os.Remove(filepath.Join(project, record.File)))
			commit(t, project, "Forget")
		}},
		{name: "a starter of another history", complaint: "another repository", spoil: func(t *testing.T, project string) {
			t.Helper()
			text := strings.Replace(read(t, project, record.File), `"commit": "`, `"commit": "0000`, 1)
			write(t, project, map[string]string{record.File: text})
			commit(t, project, "Spoil")
		}},
		{name: "an unknown revision", complaint: "no revision", change: func(o *update.Options) { o.Commit = "v9" }},
		{name: "an unknown slice", complaint: "no slice", change: func(o *update.Options) { o.Add = []string{"webb"} }},
		{name: "added and dropped", complaint: "both", change: func(o *update.Options) { o.Add, o.Drop = []string{"web"}, []string{"typescript"} }},
		{name: "a version that does not render", complaint: "does not render", change: func(o *update.Options) {
			o.Render = func(context.Context, string, string, record.Record, []string) error {
				return errors.New("does not render")
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			project := copyOf(t, source)
			if test.spoil != nil {
				test.spoil(t, project)
			}
			if test.change == nil {
				test.change = func(*update.Options) {}
			}
			before := read(t, project, "orders.go")
			_, err := run(t, project, source, test.change)
			if err == nil || !strings.Contains(err.Error(), test.complaint) {
				t.Errorf("got %v, want an error about %q", err, test.complaint)
			}
			if read(t, project, "orders.go") != before {
				t.Error("a file has changed")
			}
		})
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for file, content := range files {
		target := filepath.Join(dir, file)
		must(t, os.MkdirAll(filepath.Dir(target), 0o750))
		must(t, os.WriteFile(target, []byte(content), 0o600))
	}
}

func read(t *testing.T, dir, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, file))
	must(t, err)
	return string(content)
}

func commit(t *testing.T, dir, message string) {
	t.Helper()
	git(t, dir, "add", "--all")
	git(t, dir, "-c", "user.name=A Team", "-c", "user.email=team@example.com", "commit", "--quiet", "--message", message)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
