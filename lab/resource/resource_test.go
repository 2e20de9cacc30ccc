//go:build resource

package resource_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var (
	all      = flag.Bool("all", false, "also the whole matrix, the TypeScript client and the drill")
	existing = flag.String("copy", "", "a copy that TestCopyIsGreen has made, for the drill")
)

// everything is a field of each kind, required and optional.
const everything = "title:string:3..40:unique body:text:1..500? contact:email:unique second_contact:email? site:url home:url? " +
	"active:bool archived:bool? code:int32:unique rank:int64? level:int32:0..100=5 size:int64 price:decimal:10,2 tax:decimal? " +
	"due_on:date ends_on:date? starts_at:time ends_at:time? status:enum(draft|in_progress|done)=draft color:enum(red|green)? " +
	"assignee_id:ref:user reviewer_id:ref:user? tags:[]string:1..5 labels:[]string? words:[]string name:string?"

// notes is the example of the documentation.
const notes = "title:string:1..200 body:text? pinned:bool=false due_on:date? tags:[]string"

// kinds are fields of each kind, one at a time.
var kinds = []string{
	"string", "string:8..100:unique", "string=x", "text", "email", "email:unique", "url", "bool", "bool=true", "int32", "int32:-5..5", "int64",
	"int64:unique", "decimal", "decimal:5,0", "date", "time", "enum(a|b)", "enum(a|b)=b", "ref:user", "[]string", "[]string:1..3",
}

// run runs a command in a folder.
func run(t *testing.T, dir, name string, arguments ...string) {
	t.Helper()
	if out, err := try(t.Context(), dir, name, arguments...); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
}

func try(ctx context.Context, dir, name string, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GIT_AUTHOR_NAME=Team", "GIT_AUTHOR_EMAIL=team@example.com",
		"GIT_COMMITTER_NAME=Team", "GIT_COMMITTER_EMAIL=team@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// newCopy makes a copy, in a folder that PostgreSQL can read, too.
func newCopy(t *testing.T, without string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shelf")
	for parent := filepath.Dir(dir); parent != os.TempDir() && len(parent) > 1; parent = filepath.Dir(parent) { //nolint:usetesting // the folder above that of the test
		if err := os.Chmod(parent, 0o755); err != nil { //nolint:gosec // G302: PostgreSQL is another user
			t.Fatal(err)
		}
	}
	run(t, filepath.Join("..", ".."), "make", "--no-print-directory", "new", "DIR="+dir, "MODULE=github.com/acme/shelf", "WITHOUT="+without)
	return dir
}

// add writes the sources of a resource.
func add(t *testing.T, dir string, options ...string) {
	t.Helper()
	run(t, dir, "make", append([]string{"--no-print-directory", "resource", "GENERATE=no", "DIRTY=yes"}, options...)...)
}

// check generates code and runs the checks that concern it. The tests include curl for each operation,
// and fail if a documented status was never returned.
func check(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "make", "--no-print-directory", "generate")
	run(t, dir, "kit/scripts/generate.sh", "--check")
	if out, _ := try(t.Context(), dir, "gofmt", "-l", "api", "internal"); out != "" {
		t.Errorf("not formatted: %s", out)
	}
	run(t, dir, "go", "vet", "./api/...", "./internal/...")
	run(t, dir, "go", "test", "-vet=off", "./api", "./internal", "./internal/domain", "./internal/pgstore", "./internal/httpapi")
}

// TestCopyIsGreen adds resources one after another to one copy: the example, one with every kind, and
// one of each owner.
func TestCopyIsGreen(t *testing.T) {
	t.Parallel()
	dir := newCopy(t, "all")
	add(t, dir, "NAME=note", "FIELDS="+notes)
	add(t, dir, "NAME=gadget", "FIELDS="+everything)
	add(t, dir, "NAME=price_plan", "FIELDS=name:string:1..20 monthly:decimal:8,2", "OWNER=none", "ADMIN=true")
	add(t, dir, "NAME=help_topic", "FIELDS=shown:bool views:int64=0 kind:enum(a|b)=a", "OWNER=none")
	if out, _ := try(t.Context(), dir, "git", "diff", "--numstat"); strings.Count(out, "\t0\t") != strings.Count(out, "\n") {
		t.Errorf("lines were removed:\n%s", out)
	}
	check(t, dir)
	if *all {
		run(t, dir, "make", "lint")
		drill(t, dir)
	}
}

// TestMatrix adds a resource for each kind, required and optional, of each owner. With the web app and the TypeScript client.
func TestMatrix(t *testing.T) {
	t.Parallel()
	if !*all {
		t.Log("only with -all")
		return
	}
	for owner, options := range map[string][]string{"user": nil, "none": {"OWNER=none"}, "admin": {"OWNER=none", "ADMIN=true"}} {
		t.Run(owner, func(t *testing.T) {
			t.Parallel()
			dir := newCopy(t, "web")
			for i, kind := range kinds {
				field := "value"
				if strings.HasPrefix(kind, "ref") {
					field = "value_id"
				}
				// A second field, because a resource with a unique text has no other text to sort by.
				fields := []string{field + ":" + kind}
				if !strings.Contains(kind, "=") {
					fields = append(fields, field+":"+kind+"?")
				}
				for j, text := range fields {
					name := fmt.Sprintf("kind%c%c", 'a'+i, 'a'+j)
					add(t, dir, append([]string{"NAME=" + name, "PLURAL=" + name + "s", "FIELDS=" + text}, options...)...)
				}
			}
			check(t, dir)
			run(t, dir, "make", "--no-print-directory", "check-typescript")
		})
	}
}

// TestDrill runs the drill on an existing copy.
func TestDrill(t *testing.T) {
	t.Parallel()
	if *existing != "" {
		drill(t, *existing)
	}
}

// drill breaks the code of notes, once each. The tests must fail.
func drill(t *testing.T, dir string) {
	t.Helper()
	migrations, err := filepath.Glob(filepath.Join(dir, "db", "migrations", "*_create_notes.up.sql"))
	if err != nil || len(migrations) != 1 {
		t.Fatalf("the migration of notes: %q, %v", migrations, err)
	}
	migration, err := filepath.Rel(dir, migrations[0])
	if err != nil {
		t.Fatal(err)
	}
	const queries = "gen/dbsqlc/notes.sql.go"
	for _, broken := range []struct{ what, file, old, new string }{
		{"the owner of a read", queries, "WHERE id = $1 AND user_id = $2\n`", "WHERE id = $1 AND (user_id = $2 OR true)\n`"},
		{"the owner of a list", queries, "user_id = $1\n", "(user_id = $1 OR true)\n"},
		{"the check of If-Match", "internal/domain/notes.go", "change.OnlyIf.check(current.Version)", "VersionCheck(nil).check(current.Version)"},
		{"a bound", migration, "BETWEEN 1 AND 200", "BETWEEN 1 AND 199"},
		{"null", "internal/httpapi/notes.go", "change.SetBody, change.Body = fromNullable(body.Body)", "_, change.Body = fromNullable(body.Body)"},
		{"the cursor", "internal/pgstore/notes.go", "after.ID", `""`},
	} {
		name := filepath.Join(dir, broken.file)
		was, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(was), broken.old) {
			t.Errorf("%s: %s lacks %q (%v)", broken.what, broken.file, broken.old, err)
			continue
		}
		write(t, name, []byte(strings.ReplaceAll(string(was), broken.old, broken.new)))
		out, err := try(t.Context(), dir, "go", "test", "-vet=off", "-run=Notes?$", "./internal/httpapi")
		write(t, name, was)
		switch {
		case err == nil:
			t.Errorf("%s is broken, and the tests pass", broken.what)
		case !strings.Contains(out, "--- FAIL"):
			t.Errorf("%s is broken, and no test ran:\n%s", broken.what, out)
		}
		for line := range strings.Lines(out) {
			if strings.Contains(line, "--- FAIL") {
				t.Logf("%s: %s", broken.what, strings.TrimSpace(line))
			}
		}
	}
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil { //nolint:gosec // G703: in a folder of the test
		t.Fatal(err)
	}
}
