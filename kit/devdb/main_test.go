//go:build linux || darwin

package devdb_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/devdb"
)

// Variables that make the test binary a program to kill.
const (
	childDir = "DEVDB_TEST_CHILD_DIR"
	childBin = "DEVDB_TEST_CHILD_BIN"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir, os.Getenv(childBin)))
	}
	os.Exit(inScratch(m.Run))
}

// inScratch runs the tests with their own folder for temporary files: in memory if there is room,
// because initdb and recovery write a thousand files each. The fetching library leaves an empty
// log file there.
func inScratch(run func() int) int {
	parent := ""
	var memory syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &memory) == nil &&
		memory.Bavail*uint64(memory.Bsize) > 1<<30 { //nolint:gosec // block sizes are positive
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "devdb-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)                      //nolint:errcheck // best effort
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the server may run as another user
		panic(err)
	}
	if err := os.Setenv("TMPDIR", dir); err != nil {
		panic(err)
	}
	return run()
}

// child starts a server, prints its URL, and runs until it is killed or its standard input ends.
func child(dir, binDir string) int {
	server, err := devdb.Start(context.Background(), devdb.Options{Dir: dir, BinDir: binDir})
	if err != nil {
		_, _ = os.Stdout.WriteString("failed: " + err.Error() + "\n")
		return 1
	}
	_, _ = os.Stdout.WriteString(server.URL("postgres") + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Stop(); err != nil {
		return 1
	}
	return 0
}

// startChild runs child in its own process. Reading a line from the returned reader waits for the
// server.
func startChild(t *testing.T, dir, binDir string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childDir+"="+dir, childBin+"="+binDir)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	t.Cleanup(func() { _ = stdin.Close() })
	return cmd, bufio.NewReader(stdout)
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // reports the kill
}

// awaitNoProcess waits until all processes of the folder's server, which hold the lock, have ended.
func awaitNoProcess(t *testing.T, dir string) {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
	must(t, err)
	defer lock.Close() //nolint:errcheck // only locked
	free := make(chan error, 1)
	go func() { free <- syscall.Flock(int(lock.Fd()), syscall.LOCK_EX) }()
	select {
	case err := <-free:
		must(t, err)
	case <-time.After(time.Minute):
		t.Fatal("processes of the server are still there")
	}
}

// folder returns the path of a new folder that the server can enter if the test runs as root.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // the server may run as another user
	return filepath.Join(dir, "cluster")
}

// cluster returns the path of a folder with a cluster: a copy of that of the first test, because
// initdb takes most of a second.
func cluster(t *testing.T) string {
	t.Helper()
	original, err := pristine()
	must(t, err)
	dir := folder(t)
	out, err := exec.CommandContext(t.Context(), "cp", "-Rp", original, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

var pristine = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(os.TempDir(), "pristine") // the scratch folder: it goes with the test binary
	server, err := devdb.Start(context.Background(), devdb.Options{Dir: dir})
	if err != nil {
		return "", err
	}
	return dir, errors.Join(server.Stop(), os.Remove(filepath.Join(dir, "port")))
})

func start(t *testing.T, opts devdb.Options) *devdb.Server {
	t.Helper()
	server, err := devdb.Start(t.Context(), opts)
	must(t, err)
	t.Cleanup(func() { must(t, server.Stop()) })
	return server
}

func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func execute(t *testing.T, databaseURL, sql string) {
	t.Helper()
	_, err := connect(t, databaseURL).Exec(t.Context(), sql)
	must(t, err)
}

func query(t *testing.T, databaseURL, sql string) string {
	t.Helper()
	var value string
	must(t, connect(t, databaseURL).QueryRow(t.Context(), sql).Scan(&value))
	return value
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func line(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	text, err := r.ReadString('\n')
	must(t, err)
	return strings.TrimSpace(text)
}
