//go:build resource

package resource_test

import (
	"bufio"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Each takes the URL of the service, and fails if an answer is not as expected.
var (
	//go:embed testdata/use.sh
	curlScript string
	//go:embed testdata/use.mjs
	clientScript string
)

var (
	all      = flag.Bool("all", false, "the whole matrix, the web app and the drill")
	existing = flag.String("copy", "", "a copy with notes, for the drill")
)

// everything is a field of each kind, required and optional.
const everything = "title:string:3..40:unique body:text:1..500? contact:email:unique second_contact:email? site:url home:url? " +
	"active:bool archived:bool? code:int32:unique rank:int64? level:int32:0..100=5 size:int64 price:decimal:10,2 tax:decimal? " +
	"due_on:date ends_on:date? starts_at:time ends_at:time? status:enum(draft|in_progress|done)=draft color:enum(red|green)? " +
	"assignee_id:ref:user reviewer_id:ref:user? tags:[]string:1..5 labels:[]string? words:[]string name:string?"

// notes is the example of the documentation.
const notes = "title:string:1..200 body:text? pinned:bool=false due_on:date? tags:[]string"

// variants are what everything lacks.
const variants = "title:string:8..100:unique name:string=x shown:bool=true level:int32:-5..5 number:int64:unique amount:decimal:5,0 " +
	"status:enum(a|b)=b tags:[]string:1..3"

// kinds are those that everything has.
var kinds = []string{
	"string", "text", "email", "url", "bool", "int32", "int64", "decimal", "date", "time", "enum(a|b)", "ref:user", "[]string",
}

// run runs a command in a folder, and logs how long it takes.
func run(t *testing.T, dir, name string, arguments ...string) {
	t.Helper()
	start := time.Now()
	if out, err := try(t.Context(), dir, name, arguments...); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
	t.Logf("%5.1f s for %s %.60s", time.Since(start).Seconds(), name, strings.Join(arguments, " "))
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

// add writes the sources of a resource. Options are as those of make resource.
func add(t *testing.T, dir string, options ...string) {
	t.Helper()
	options = append([]string{"GENERATE=no", "DIRTY=yes"}, options...)
	if _, err := os.Stat(filepath.Join(dir, "bin", "resource")); err != nil { // the command has not been built
		run(t, dir, "make", append([]string{"--no-print-directory", "resource"}, options...)...)
		return
	}
	for i, option := range options {
		name, value, _ := strings.Cut(option, "=")
		options[i] = "-" + strings.ToLower(name) + "=" + value
	}
	run(t, dir, "bin/resource", options...)
}

// check generates code and runs the tests that concern it. They include curl for each operation, and fail
// if a documented status was never returned.
func check(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "make", "--no-print-directory", "generate")
	if out, err := try(t.Context(), dir, "kit/scripts/tool.sh", "tools/lint", "golangci-lint", "fmt", "--diff"); err != nil || out != "" {
		t.Errorf("not formatted (%v):\n%s", err, out)
	}
	run(t, dir, "go", "test", "-vet=off", "-timeout=30m", "./api", "./internal", "./internal/httpapi")
}

// owners are the options of each kind of owner.
var owners = [][]string{nil, {"OWNER=none"}, {"OWNER=none", "ADMIN=true"}}

// TestCopyIsGreen adds a resource of each owner to one copy with the web app, one after another, one of
// them with every kind of fields.
func TestCopyIsGreen(t *testing.T) {
	t.Parallel()
	if *all {
		t.Log("TestMatrix has these resources, too")
		return
	}
	dir := newCopy(t, "audit,go-client,invitations,kubernetes,observability")
	add(t, dir, "NAME=gadget", "FIELDS="+everything)
	add(t, dir, "NAME=help_topic", "FIELDS=shown:bool views:int64=0 kind:enum(a|b)=a", "OWNER=none")
	add(t, dir, "NAME=price_plan", "FIELDS=name:string:1..20 monthly:decimal:8,2", "OWNER=none", "ADMIN=true")
	checkDiff(t, dir)
	check(t, dir)
	run(t, dir, "make", "--no-print-directory", "clients/typescript/dist")
	run(t, dir, "node_modules/.bin/tsc", "-p", "examples/web")
}

// checkDiff checks that lines were added and none removed.
func checkDiff(t *testing.T, dir string) {
	t.Helper()
	out, err := try(t.Context(), dir, "git", "diff", "--minimal", "--numstat")
	if err != nil || strings.Count(out, "\t0\t") != strings.Count(out, "\n") {
		t.Errorf("lines were removed: %v\n%s", err, out)
	}
}

// TestMatrix adds many resources to one copy with the web app: one with every kind of fields, required
// and optional, for each owner, and one with each kind alone. All must pass the linters, the tests, the
// type checker and the build of the app, and curl and the TypeScript client use them.
func TestMatrix(t *testing.T) {
	t.Parallel()
	if !*all {
		t.Log("only with -all")
		return
	}
	dir := newCopy(t, "audit,go-client,invitations,kubernetes,observability")
	addMatrix(t, dir)
	checkDiff(t, dir)
	check(t, dir)
	for _, target := range []string{"lint", "check-generated", "check-queries", "check-typescript", "check-web"} {
		run(t, dir, "make", "--no-print-directory", target)
	}
	use(t, dir, serve(t, dir))
	drill(t, dir)
}

func addMatrix(t *testing.T, dir string) {
	t.Helper()
	add(t, dir, "NAME=note", "FIELDS="+notes)
	for i, name := range []string{"gadget", "part", "supply"} {
		add(t, dir, append([]string{"NAME=" + name, "FIELDS=" + everything}, owners[i]...)...)
	}
	add(t, dir, "NAME=variant", "FIELDS="+variants)
	for i, kind := range kinds {
		field := "value:" + kind + []string{"", "?"}[i%2]
		if strings.HasPrefix(kind, "ref") {
			field = "value_id:" + kind
		}
		name := fmt.Sprintf("lone_%c%c", 'a'+i, 'a'+i)
		add(t, dir, append([]string{"NAME=" + name, "PLURAL=" + name + "_items", "FIELDS=" + field}, owners[i%len(owners)]...)...)
	}
}

var address = regexp.MustCompile(`(?m)^ *API *(http://127\.0\.0\.1:\d+)`)

// serve starts a copy, and returns its URL.
func serve(t *testing.T, dir string) string {
	t.Helper()
	run(t, dir, "go", "build", "-buildvcs=false", "-o", "bin/", "./cmd/dev")
	server := exec.CommandContext(t.Context(), "bin/dev")
	server.Dir, server.Env = dir, append(os.Environ(), "GOWORK=off", "HOST=127.0.0.1", "PORT=0")
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if match := address.FindStringSubmatch(lines.Text()); match != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }() // until the server ends
			return match[1]
		}
	}
	t.Fatal("the copy did not start")
	return ""
}

// use calls the resources with curl and with the TypeScript client.
func use(t *testing.T, dir, url string) {
	t.Helper()
	for name, text := range map[string]string{"use.sh": curlScript, "examples/web/use.mjs": clientScript} {
		write(t, filepath.Join(dir, name), []byte(text))
	}
	run(t, dir, "sh", "-eu", "use.sh", url)
	run(t, filepath.Join(dir, "examples", "web"), "node", "use.mjs", url)
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
