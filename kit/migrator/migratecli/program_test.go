package migratecli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/migrator/migratecli"
	"example.com/plinth/kit/testdb"
)

// The exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
)

var databases = testdb.New(testdb.Options{Project: "plinthkit", Getenv: os.Getenv})

// result is the result of a command.
type result struct {
	code           int
	stdout, stderr string
}

// wants checks the exit code, and the text: of standard output if the code is 0, else of standard
// error.
func (r result) wants(t *testing.T, code int, parts ...string) {
	t.Helper()
	text := r.stdout
	if code != exitOK {
		text = r.stderr
	}
	if r.code != code {
		t.Fatalf("exit code %d, want %d; it printed: %s%s", r.code, code, r.stdout, r.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it does not print %q, but: %s", part, text)
		}
	}
	if code == exitOK && r.stderr != "" {
		t.Errorf("standard error: %s", r.stderr)
	}
}

// bench runs the command with its own settings.
type bench struct {
	t        *testing.T
	settings migratecli.Settings
	files    fs.FS
}

func (b bench) run(stdin string, args ...string) result {
	b.t.Helper()
	var stdout, stderr bytes.Buffer
	p := migratecli.Program{
		Files: b.files, Grants: migrator.Grants{Tables: map[string]string{"a": "SELECT"}},
		Load:  func() (migratecli.Settings, error) { return b.settings, nil },
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
	}
	code := p.Run(b.t.Context(), args)
	return result{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// newBench has two migrations and an empty database.
func newBench(t *testing.T, isProduction bool) bench {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"000001_create_a.up.sql":   "CREATE TABLE a ()",
		"000001_create_a.down.sql": "DROP TABLE a",
		"000002_create_b.up.sql":   "CREATE TABLE b ()",
		"000002_create_b.down.sql": "DROP TABLE b",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return bench{t: t, files: files, settings: migratecli.Settings{
		DatabaseURL: databases.EmptyURL(t), Origin: "DATABASE_URL (from a test)", IsProduction: isProduction,
	}}
}

func (b bench) exec(sql string) {
	b.t.Helper()
	if _, err := testdb.Connect(b.t, b.settings.DatabaseURL).Exec(b.t.Context(), sql); err != nil {
		b.t.Fatal(err)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {"down", "--help"}, {"create", "-h"}} {
		bench{t: t}.run("", args...).wants(t, exitOK, "Usage:", "migrate up", "migrate down", "migrate status",
			"migrate create NAME",
			"migrate repair", "Exit codes:")
	}
}

func TestSchemaOlderThanSquashedFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.run("", "up").wants(t, exitOK, "applied 000002_create_b")
	b.files = fstest.MapFS{
		"000003_create_all.up.sql":   {Data: []byte("-- migrate: replaces 000001 000002\nCREATE TABLE a (); CREATE TABLE b ()")},
		"000003_create_all.down.sql": {Data: []byte("DROP TABLE a, b")},
	}
	b.run("", "status").wants(t, exitOK, "at version 2, older than the files of this program", "pending  000003_create_all")
	b.run("", "up").wants(t, exitFailed, "000003_create_all replaces", "`migrate up` of the last release")
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ args, want string }{
		{"", "say what to do"},
		{"sideways", `no command "sideways"`},
		{"up 1", `unexpected argument "1"`},
		{"up --fast", "-fast"},
		{"down 0", "from 1"},
		{"down many", "from 1"},
		{"down 1 2", `unexpected argument "2"`},
		{"down 1 --all", "from 1"},
		{"status now", `unexpected argument "now"`},
		{"create", "needs the name"},
		{"create Bad-Name", "lower snake case"},
		{"repair --version -1", "want a version"},
		{"repair 1", `unexpected argument "1"`},
	} {
		t.Run(tc.args, func(t *testing.T) {
			t.Parallel()
			bench{t: t}.run("", strings.Fields(tc.args)...).wants(t, exitUsage, "migrate: ", tc.want, "Usage:")
		})
	}
}

func TestFailureOfLoadIsPrinted(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	p := migratecli.Program{
		Load: func() (migratecli.Settings, error) {
			return migratecli.Settings{}, errors.New("DATABASE_URL: is required")
		},
		Stdout: &bytes.Buffer{}, Stderr: &stderr,
	}
	if code := p.Run(t.Context(), []string{"status"}); code != exitFailed ||
		stderr.String() != "migrate: DATABASE_URL: is required\n" {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

func TestMalformedURLNamesItsSetting(t *testing.T) {
	t.Parallel()
	const malformed = "postgres://ann:hunter2@localhost/db?sslmode=maybe"
	b := newBench(t, false)
	b.settings.ServiceURL, b.settings.ServiceOrigin = malformed, "THE_SERVICE"
	b.run("", "up").wants(t, exitFailed, "migrate: THE_SERVICE: the database URL is malformed")
	b.settings.DatabaseURL, b.settings.Origin = malformed, "THE_OWNER"
	b.run("", "status").wants(t, exitFailed, "migrate: THE_OWNER: the database URL is malformed")
}

func TestUpGrantsTheServiceItsPrivileges(t *testing.T) {
	t.Parallel()
	owner, service := databases.TwoRoles(t)
	b := newBench(t, true)
	b.settings.DatabaseURL, b.settings.ServiceURL = owner, service
	role, _, _ := strings.Cut(strings.TrimPrefix(service, "postgres://"), ":")
	for range 2 { // also if nothing is pending
		b.run("", "up").wants(t, exitOK, "granted "+role+" what the server needs\n", "version 2, the newest")
	}
	if _, err := testdb.Connect(t, service).Exec(t.Context(), "SELECT FROM a, b"); err != nil {
		t.Error(err)
	}

	b.settings.ServiceURL = "postgres://missing@localhost/x"
	b.run("", "up").wants(t, exitFailed, "granting missing what the server needs", `role "missing" does not exist`)
	b.settings.ServiceURL = owner
	if got := b.run("", "up"); got.code != exitOK || strings.Contains(got.stdout, "granted") {
		t.Errorf("with one role for both: %+v", got)
	}
}

func TestUpWarnsOfRoleWithMorePrivileges(t *testing.T) {
	t.Parallel()
	owner, _ := databases.TwoRoles(t)
	b := newBench(t, true)
	b.settings.DatabaseURL, b.settings.ServiceURL = owner, b.settings.DatabaseURL // of a superuser
	if got := b.run("", "up"); got.code != exitOK || !strings.Contains(got.stderr, "can change a all the same") {
		t.Errorf("it printed: %+v", got)
	}
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	const password = "hunter2-secret"
	b := newBench(t, false)
	b.settings.DatabaseURL = "postgres://ann:" + password + "@127.0.0.1:1/db"
	for _, args := range []string{"up", "down", "status", "repair"} {
		got := b.run("", args)
		got.wants(t, exitFailed, "migrate: cannot reach the database server")
		if strings.Contains(got.stderr+got.stdout, password) {
			t.Errorf("%s tells the password: %s", args, got.stderr)
		}
	}
}

func TestUpStatusDownUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.run("", "status").wants(t, exitOK, "version 0 of 2, 2 pending", "pending  000001_create_a",
		"pending  000002_create_b")
	b.run("", "up").wants(t, exitOK, "applied 000001_create_a\napplied 000002_create_b\nthe schema is at version "+
		"2, the newest\n")
	b.run("", "up").wants(t, exitOK, "the schema is at version 2, the newest\n")
	b.run("", "down").wants(t, exitOK, "reverted 000002_create_b\nthe schema is at version 1 of 2, 1 pending\n")
	b.run("", "status").wants(t, exitOK, "applied  000001_create_a", "pending  000002_create_b")
	b.run("", "down", "2").wants(t, exitFailed, "cannot revert 2 migrations: 1 are applied")
	b.run("", "up").wants(t, exitOK, "applied 000002_create_b")
	b.run("", "down", "2").wants(t, exitOK, "reverted 000002_create_b\nreverted 000001_create_a\n")
	b.run("", "up").wants(t, exitOK, "version 2")
	b.run("", "down", "--all").wants(t, exitOK, "version 0 of 2")
	b.exec("INSERT INTO schema_migrations VALUES (7, false)")
	b.run("", "status").wants(t, exitOK, "at version 7, newer than this program, which knows 2")
	b.run("", "up").wants(t, exitOK, "at version 7, newer than this program")
}

func TestOutOfOrderMigration(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.run("", "up").wants(t, exitOK)
	b.exec("DROP TABLE a; DELETE FROM applied_migrations WHERE version = 1") // as if its branch had been merged now
	b.run("", "status").wants(t, exitOK, "at version 2, but lacks older migrations", "missing  000001_create_a",
		"applied  000002_create_b")
	b.run("", "up").wants(t, exitFailed, "000001_create_a", "`migrate up --allow-out-of-order`")
	b.run("", "up", "--allow-out-of-order").wants(t, exitOK,
		"applied 000001_create_a\nthe schema is at version 2, the newest\n")
}

func TestUpPrintsWhatItAppliedBeforeAFailure(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.exec("CREATE TABLE b ()")
	got := b.run("", "up")
	got.wants(t, exitFailed, "000002_create_b.up.sql failed", "nothing of it was kept")
	if got.stdout != "applied 000001_create_a\n" {
		t.Errorf("standard output: %q", got.stdout)
	}
}

func TestDownInProductionNeedsYes(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.run("", "up").wants(t, exitOK)
	b.run("y\n", "down").wants(t, exitFailed, "destroys data", "--yes")
	b.run("y\n", "down", "--all").wants(t, exitFailed, "--yes")
	b.run("", "status").wants(t, exitOK, "version 2, the newest")
	b.run("", "down", "1", "--yes").wants(t, exitOK, "reverted 000002_create_b")
}

func TestRepairExplainsAndAsks(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.run("", "up").wants(t, exitOK)
	b.run("", "repair").wants(t, exitOK, "nothing to repair: the schema is at version 2")
	b.exec("DROP TABLE b; UPDATE schema_migrations SET dirty = true")

	b.run("", "status").wants(t, exitOK, "dirty at version 2: `migrate repair`", "applied  000001_create_a",
		"dirty    000002_create_b")
	b.run("", "up").wants(t, exitFailed, "dirty at version 2", "run `migrate repair`")
	for _, answer := range []string{"", "\n", "n\n", "yesterday\n"} {
		got := b.run(answer, "repair")
		got.wants(t, exitFailed, "nothing was changed")
		for _, part := range []string{
			"dirty at version 2", "one transaction", "nothing of 000002_create_b.up.sql is in place (the usual " +
				"case):\n    migrate repair --version 1\n",
			"all of 000002_create_b.up.sql is in place:\n    migrate repair --version 2\n", "at version 1? [y/N]",
		} {
			if !strings.Contains(got.stdout, part) {
				t.Errorf("the explanation lacks %q: %s", part, got.stdout)
			}
		}
	}
	b.run("", "status").wants(t, exitOK, "dirty at version 2")
	b.run("y\n", "repair").wants(t, exitOK, "the schema is at version 1 of 2, 1 pending")
	b.run("", "up").wants(t, exitOK, "applied 000002_create_b")
}

func TestRepairOfDownMigration(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		version     int // that the table of versions says
		args        []string
		offer, want string
	}{
		"to the first": {
			1,
			[]string{"--version", "2"},
			"000002_create_b was being reverted, and all of it is still in place:\n    migrate repair --version 2\n",
			"at version 2, the newest",
		},
		"to none, not begun": {
			-1, nil, "000001_create_a was being reverted, and all of it is still in place:\n    migrate repair " +
				"--version 1\n",
			"at version 1 of 2",
		},
		"to none, finished": {
			-1,
			[]string{"--version=0"},
			"nothing of 000001_create_a is left:\n    migrate repair --version 0\n",
			"at version 0 of 2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, false)
			b.run("", "up").wants(t, exitOK)
			b.exec(fmt.Sprintf("UPDATE schema_migrations SET version = %d, dirty = true", tc.version))
			b.run("", append([]string{"repair", "--yes"}, tc.args...)...).wants(t, exitOK, tc.offer, tc.want)
		})
	}
}

func TestRepairInProductionNeedsYes(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.run("", "up").wants(t, exitOK)
	b.exec("UPDATE schema_migrations SET dirty = true")
	b.run("y\n", "repair").wants(t, exitFailed, "nothing was changed", "--yes")
	b.run("", "status").wants(t, exitOK, "dirty at version 2")
	b.run("", "repair", "--yes", "--version", "2").wants(t, exitOK, "at version 2, the newest")
	b.exec("UPDATE schema_migrations SET version = 7, dirty = true")
	b.run("", "repair", "--yes").wants(t, exitFailed, "at version 7", "does not know")
}

func TestCreateNeedsNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := bench{t: t}
	for _, args := range [][]string{{"create", "add_size", "--dir", dir}, {"create", "--dir", dir, "add_colour"}} {
		b.run("", args...).wants(t, exitOK, "created "+dir)
	}
	names, err := fs.Glob(os.DirFS(dir), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^(20\d{12})_add_size.down.sql (20\d{12})_add_size.up.sql (20\d{12})_add_colour.down.sql (20\d{12})_add_colour.up.sql$`)
	if got := strings.Join(names, " "); !want.MatchString(got) {
		t.Errorf("created %s, want files named by the time", got)
	}
	b.run("", "create", "add_weight", "--dir", filepath.Join(dir, "nowhere")).wants(t, exitFailed,
		"run this in the folder of the project")
}
