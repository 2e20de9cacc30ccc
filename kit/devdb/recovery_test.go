//go:build linux || darwin

package devdb_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/plinth/kit/devdb"
)

func TestLeftoverOfInitdbIsReplaced(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	// A cluster without its last files, as an interrupted initdb leaves it.
	must(t, os.Rename(filepath.Join(dir, "data"), filepath.Join(dir, "data.new")))
	must(t, os.Remove(filepath.Join(dir, "data.new", "global", "pg_control")))

	server := start(t, devdb.Options{Dir: dir})
	query(t, server.URL("postgres"), "SELECT 'works'")
	if _, err := os.Stat(filepath.Join(dir, "data.new")); err == nil {
		t.Error("the leftover is still there")
	}
}

func TestParentKilledDuringInitdb(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	initdb := hangingInitdb(t)
	parent, _ := startChild(t, dir, initdb.binDir)
	initdb.await(t)
	kill(t, parent)
	awaitNoProcess(t, dir) // initdb, which hangs, has ended with it

	server := start(t, devdb.Options{Dir: dir})
	query(t, server.URL("postgres"), "SELECT 'works'")
}

func TestFailureOfInitdbIsShown(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	binDir := fakeBin(t, "echo 'initdb: error: the disk is on fire' >&2; exit 1")
	_, err := devdb.Start(t.Context(), devdb.Options{Dir: dir, BinDir: binDir})
	if err == nil || !strings.Contains(err.Error(), "the disk is on fire") {
		t.Errorf("got %v", err)
	}
	query(t, start(t, devdb.Options{Dir: dir}).URL("postgres"), "SELECT 'works'")
}

// A postmaster.pid may outlive its server, and another process may get the process id.
func TestStalePostmasterPID(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T) int{
		"process is gone":              deadProcess,
		"process is a zombie":          zombie,
		"process is another program":   func(*testing.T) int { return os.Getpid() },
		"process is another's server":  func(t *testing.T) int { t.Helper(); return otherServer(t, "") },
		"process is a server's worker": func(t *testing.T) int { t.Helper(); return otherServer(t, "postgres: checkpointer") },
	}
	for name, process := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := cluster(t)
			writePostmasterPID(t, filepath.Join(dir, "data"), process(t))
			query(t, start(t, devdb.Options{Dir: dir}).URL("postgres"), "SELECT 'works'")
		})
	}
}

func TestServerStartedByHandIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	first := start(t, devdb.Options{Dir: dir})
	// Without its lock it looks like a server of pg_ctl.
	lock := filepath.Join(dir, "lock")
	must(t, os.Remove(lock))
	must(t, os.WriteFile(lock, nil, 0o600))

	_, err := devdb.Start(t.Context(), devdb.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "postmaster.pid") {
		t.Errorf("got %v, want the server's own refusal", err)
	}
	query(t, first.URL("postgres"), "SELECT 'works'")
}

// writePostmasterPID writes the file of a killed server.
func writePostmasterPID(t *testing.T, data string, pid int) {
	t.Helper()
	path := filepath.Join(data, "postmaster.pid")
	content := strconv.Itoa(pid) + "\n" + data + "\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready   \n"
	must(t, os.WriteFile(path, []byte(content), 0o600))
	info, err := os.Stat(data)
	must(t, err)
	must(t, os.Chown(path, owner(info), -1))
}

func deadProcess(t *testing.T) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "exit 0")
	must(t, cmd.Run())
	return cmd.Process.Pid
}

func zombie(t *testing.T) int {
	t.Helper()
	output, end, err := os.Pipe()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "exit 0")
	cmd.Stdout = end
	must(t, cmd.Start())
	must(t, end.Close())
	_, err = io.Copy(io.Discard, output) // ends when the process does
	must(t, err)
	t.Cleanup(func() { _ = cmd.Wait() })
	return cmd.Process.Pid
}

// otherServer returns the id of a server of another folder, or of a process with a command line.
func otherServer(t *testing.T, title string) int {
	t.Helper()
	if title == "" {
		server := start(t, devdb.Options{Dir: cluster(t)})
		return postmasterPID(t, server.Dir())
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sleep", "600")
	cmd.Args[0] = title
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

// hanging is an initdb that starts and hangs.
type hanging struct {
	binDir, fifo string
}

func hangingInitdb(t *testing.T) hanging {
	t.Helper()
	fifo := filepath.Join(filepath.Dir(folder(t)), "begun")
	must(t, syscall.Mkfifo(fifo, 0o600))
	must(t, os.Chmod(fifo, 0o666)) //nolint:gosec // the server may run as another user
	return hanging{fifo: fifo, binDir: fakeBin(t, `
for arg; do case $arg in --pgdata=*) data=${arg#--pgdata=};; esac; done
mkdir "$data/base"
echo 15 >"$data/PG_VERSION"
echo begun >`+fifo+`
exec sleep 600`)}
}

// await waits until initdb has written a file.
func (h hanging) await(t *testing.T) {
	t.Helper()
	_, err := os.ReadFile(h.fifo)
	must(t, err)
}

// fakeBin returns a folder with the real server and a shell script as initdb.
func fakeBin(t *testing.T, initdb string) string {
	t.Helper()
	realDir, err := devdb.BinDir(t.Context())
	must(t, err)
	dir := folder(t)
	must(t, os.Mkdir(dir, 0o755)) //nolint:gosec // the server may run as another user
	must(t, os.Symlink(filepath.Join(realDir, "postgres"), filepath.Join(dir, "postgres")))
	script := "#!/bin/sh\n" + initdb + "\n"
	must(t, os.WriteFile(filepath.Join(dir, "initdb"), []byte(script), 0o755)) //nolint:gosec // it is a program
	return dir
}
