//go:build linux || darwin

package testdb_test

import (
	"bufio"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/pgtest"
)

// childSays turns the test binary into one that uses a database until it is killed.
const childSays = "PGTEST_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childSays) != "" {
		child()
	}
	os.Exit(m.Run())
}

// child runs what stands for a test that hangs. It ends with its standard input.
func child() {
	testing.Benchmark(func(b *testing.B) {
		b.Helper()
		_, _ = os.Stdout.WriteString(pgtest.URL(b) + "\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // not even a cleanup runs
	})
	os.Exit(1)
}

func TestServerEndsWithItsBinary(t *testing.T) {
	t.Parallel()
	ours, err := url.Parse(pgtest.URL(t))
	must(t, err)
	ends := map[string]func(*exec.Cmd, io.Closer) error{
		"killed": func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Kill() },
		"exits":  func(_ *exec.Cmd, stdin io.Closer) error { return stdin.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			must(t, err)
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), childSays+"=url")
			cmd.Stderr = os.Stderr
			stdin, err := cmd.StdinPipe()
			must(t, err)
			stdout, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			databaseURL, err := bufio.NewReader(stdout).ReadString('\n')
			must(t, err)
			theirs, err := url.Parse(strings.TrimSpace(databaseURL))
			must(t, err)
			if theirs.Host == ours.Host && os.Getenv("TEST_DATABASE_URL") == "" {
				t.Error("two test binaries share a server")
			}
			conn := connect(t, theirs.String())
			must(t, end(cmd, stdin))
			_ = cmd.Wait() // reports the kill
			if os.Getenv("TEST_DATABASE_URL") != "" {
				return // that server is not ours to end
			}
			if _, err := conn.WaitForNotification(t.Context()); err == nil {
				t.Error("the server goes on")
			}
		})
	}
}

func TestSlotStaysWarmAndIsCleared(t *testing.T) {
	t.Parallel()
	slots := slotsFolder(t)
	first := open(t, slots)
	_, err := first.Database(t.Context())
	must(t, err)
	second := open(t, slots)
	_, err = second.Database(t.Context())
	must(t, err)
	if first.URLOf("postgres") == second.URLOf("postgres") {
		t.Fatal("two test binaries share a slot")
	}
	stale := "plinth_template_0123456789abcdef"
	execute(t, first.URLOf("postgres"), "CREATE DATABASE "+stale)
	execute(t, first.URLOf("postgres"), "CREATE ROLE plinth_test_stale_owner")
	must(t, first.Close())

	again := open(t, slots)
	if again.URLOf("postgres") != first.URLOf("postgres") {
		t.Error("the freed slot is not used again")
	}
	template, err := pgtest.TemplateName()
	must(t, err)
	want := []string{template, "postgres", "template0", "template1"}
	slices.Sort(want)
	if got := databases(t, again); !slices.Equal(got, want) {
		t.Errorf("the warm slot holds %v, want %v", got, want)
	}
	if n := count(t, connect(t, again.URLOf("postgres")), "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'plinth_test%'"); n != 0 {
		t.Errorf("the warm slot holds %d roles of tests", n)
	}
	if entries, err := os.ReadDir(slots); err != nil || len(entries) != 2 {
		t.Errorf("there are %d slots, want 2 (%v)", len(entries), err)
	}
}

// The system's collation library may be another one since the template was made.
func TestTemplateOfAnotherCollationVersionIsMadeAnew(t *testing.T) {
	t.Parallel()
	slots := slotsFolder(t)
	first := open(t, slots)
	_, err := first.Database(t.Context())
	must(t, err)
	execute(t, first.URLOf("postgres"), "UPDATE pg_database SET datcollversion = 'older' WHERE datname <> 'template0'")
	must(t, first.Close())

	second := open(t, slots)
	name, err := second.Database(t.Context())
	must(t, err)
	if n := count(t, connect(t, second.URLOf(name)), "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("the new database holds %d users", n)
	}
}

// A given server is shared by all test binaries, which begin at the same time.
func TestGivenServer(t *testing.T) {
	t.Parallel()
	given := open(t, slotsFolder(t))
	template, err := pgtest.TemplateName()
	must(t, err)
	execute(t, given.URLOf("postgres"), "CREATE DATABASE "+template+"_unfinished") // by a binary that was killed

	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			binary, err := pgtest.Open(t.Context(), given.URLOf("postgres"), "")
			if err != nil {
				t.Error(err)
				return
			}
			name, err := binary.Database(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			conn, err := pgx.Connect(t.Context(), binary.URLOf(name))
			if err != nil {
				t.Error(err)
				return
			}
			var users int
			if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM users").Scan(&users); err != nil {
				t.Error(err)
			}
			_ = conn.Close(t.Context())
			if err := binary.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	names := slices.DeleteFunc(databases(t, given), func(name string) bool { return strings.HasPrefix(name, "plinth_test_") })
	want := []string{template, "postgres", "template0", "template1"}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the given server holds %v besides test databases, want %v", names, want)
	}
}

func TestUnusableGivenServer(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"host=localhost password=secret", "mysql://u:secret@127.0.0.1/x", "postgres://u:secret@127.0.0.1:1/x", "postgres://u:se%zzcret@h/x"} {
		_, err := pgtest.Open(t.Context(), given, "")
		if err == nil || !strings.Contains(err.Error(), "TEST_DATABASE_URL") {
			t.Errorf("got %v, want an error that names the variable", err)
		}
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%v shows the password", err)
		}
	}
}

func open(t *testing.T, slots string) *pgtest.Server {
	t.Helper()
	server, err := pgtest.Open(t.Context(), "", slots)
	must(t, err)
	t.Cleanup(func() { must(t, server.Close()) })
	return server
}

// slotsFolder returns an empty folder that root's server can enter.
func slotsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // the server may run as another user
	return dir
}

func databases(t *testing.T, server *pgtest.Server) []string {
	t.Helper()
	rows, err := connect(t, server.URLOf("postgres")).Query(t.Context(), "SELECT datname FROM pg_database ORDER BY datname")
	must(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	slices.Sort(names)
	return names
}

func execute(t *testing.T, databaseURL, sql string) {
	t.Helper()
	_, err := connect(t, databaseURL).Exec(t.Context(), sql)
	must(t, err)
}
