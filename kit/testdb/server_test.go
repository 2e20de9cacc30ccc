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

	"example.com/plinth/kit/testdb"
)

// childSays makes the test binary use a database until it is killed.
const childSays = "TESTDB_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childSays) != "" {
		child()
	}
	os.Exit(m.Run())
}

// child is like a test that hangs. It ends with its standard input.
func child() {
	testing.Benchmark(func(b *testing.B) {
		b.Helper()
		_, _ = os.Stdout.WriteString(databases.URL(b) + "\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // not even a cleanup runs
	})
	os.Exit(1)
}

func TestServerEndsWithItsBinary(t *testing.T) {
	t.Parallel()
	ours, err := url.Parse(databases.URL(t))
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
			conn := testdb.Connect(t, theirs.String())
			must(t, end(cmd, stdin))
			_ = cmd.Wait() // reports the kill
			if os.Getenv("TEST_DATABASE_URL") != "" {
				return // that server stays
			}
			if _, err := conn.WaitForNotification(t.Context()); err == nil {
				t.Error("the server is still running")
			}
		})
	}
}

func TestSlotIsReusedAndCleared(t *testing.T) {
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
	stale := "plinthkit_template_0123456789abcdef"
	testdb.Exec(t, first.URLOf("postgres"), "CREATE DATABASE "+stale)
	testdb.Exec(t, first.URLOf("postgres"), "CREATE ROLE plinthkit_test_stale_owner")
	must(t, first.Close())

	again := open(t, slots)
	if again.URLOf("postgres") != first.URLOf("postgres") {
		t.Error("the free slot is not reused")
	}
	template, err := again.TemplateName()
	must(t, err)
	want := []string{template, "postgres", "template0", "template1"}
	slices.Sort(want)
	if got := names(t, again); !slices.Equal(got, want) {
		t.Errorf("the warm slot holds %v, want %v", got, want)
	}
	const roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'plinthkit_test%'"
	if n := testdb.Value[int](t, again.URLOf("postgres"), roles); n != 0 {
		t.Errorf("the warm slot holds %d roles of tests", n)
	}
	if entries, err := os.ReadDir(slots); err != nil || len(entries) != 2 {
		t.Errorf("there are %d slots, want 2 (%v)", len(entries), err)
	}
}

// The system's collation library may have been updated since the template was built.
func TestTemplateOfAnotherCollationVersionIsRebuilt(t *testing.T) {
	t.Parallel()
	slots := slotsFolder(t)
	first := open(t, slots)
	_, err := first.Database(t.Context())
	must(t, err)
	testdb.Exec(t, first.URLOf("postgres"), "UPDATE pg_database SET datcollversion = 'older' WHERE datname <> "+
		"'template0'")
	must(t, first.Close())

	second := open(t, slots)
	name, err := second.Database(t.Context())
	must(t, err)
	if n := testdb.Value[int](t, second.URLOf(name), "SELECT count(*) FROM things"); n != 0 {
		t.Errorf("the new database holds %d rows", n)
	}
}

// Test binaries that start at the same time share the server of TEST_DATABASE_URL.
func TestGivenServer(t *testing.T) {
	t.Parallel()
	given := open(t, slotsFolder(t))
	template, err := given.TemplateName()
	must(t, err)
	testdb.Exec(t, given.URLOf("postgres"), "CREATE DATABASE "+template+"_unfinished") // as a killed binary leaves it

	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			binary, err := testdb.Open(t.Context(), givenBy(given.URLOf("postgres")), "")
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
			var rows int
			if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM things").Scan(&rows); err != nil {
				t.Error(err)
			}
			_ = conn.Close(t.Context())
			if err := binary.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	others := slices.DeleteFunc(names(t, given),
		func(name string) bool { return strings.HasPrefix(name, "plinthkit_test_") })
	want := []string{template, "postgres", "template0", "template1"}
	slices.Sort(want)
	if !slices.Equal(others, want) {
		t.Errorf("the given server holds %v besides test databases, want %v", others, want)
	}
}

func TestUnusableGivenServer(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"host=localhost password=secret", "mysql://u:secret@127.0.0.1/x",
		"postgres://u:secret@127.0.0.1:1/x", "postgres://u:se%zzcret@h/x",
	} {
		_, err := testdb.Open(t.Context(), givenBy(given), "")
		if err == nil || !strings.Contains(err.Error(), "TEST_DATABASE_URL") {
			t.Errorf("got %v, want an error that names the variable", err)
		}
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%v shows the password", err)
		}
	}
}

func TestMissingMigrationsAreNamed(t *testing.T) {
	t.Parallel()
	without := options(withoutServer)
	without.Migrate = nil
	server, err := testdb.Open(t.Context(), without, slotsFolder(t))
	must(t, err)
	t.Cleanup(func() { must(t, server.Close()) })
	if _, err := server.Database(t.Context()); err == nil || !strings.Contains(err.Error(), "Migrate") {
		t.Errorf("got %v", err)
	}
}

// withoutServer is the environment without TEST_DATABASE_URL.
func withoutServer(name string) string {
	if name == "TEST_DATABASE_URL" {
		return ""
	}
	return os.Getenv(name)
}

// givenBy are options in an environment that names a server.
func givenBy(databaseURL string) testdb.Options {
	return options(func(name string) string {
		if name == "TEST_DATABASE_URL" {
			return databaseURL
		}
		return os.Getenv(name)
	})
}

func open(t *testing.T, slots string) *testdb.Running {
	t.Helper()
	server, err := testdb.Open(t.Context(), options(withoutServer), slots)
	must(t, err)
	t.Cleanup(func() { must(t, server.Close()) })
	return server
}

// slotsFolder returns an empty folder that the server can enter when the test runs as root.
func slotsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // the server may run as another user
	return dir
}

func names(t *testing.T, server *testdb.Running) []string {
	t.Helper()
	found := testdb.Values[string](t, server.URLOf("postgres"), "SELECT datname FROM pg_database")
	slices.Sort(found)
	return found
}
