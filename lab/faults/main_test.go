//go:build faults

package faults_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// programs are what the suite runs, by name, with where they are.
var programs = map[string]string{} //nolint:gochecknoglobals // found and built once, by TestMain

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run has the programs at hand, runs the tests in a folder of their own, and prints the table.
func run(m *testing.M) int {
	dir, err := scratch()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing depends on it
	if err := find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := errors.Join(build(dir), startHopeless()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer hopeless.kill()
	code := m.Run()
	fmt.Fprint(os.Stdout, "\n"+held.table())
	if path := os.Getenv("FAULTS_REPORT"); path != "" && code == 0 {
		if err := held.write(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// scratch makes the folder for temporary files: in memory if there is room, and such that other users, as which database
// servers of root run, pass through.
func scratch() (string, error) {
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "faults-")
	if err != nil {
		return "", err
	}
	return dir, errors.Join(os.Chmod(dir, 0o755), os.Setenv("TMPDIR", dir)) //nolint:gosec // G302: see above
}

// find looks for the programs of others.
func find() error {
	var missing []string
	for _, name := range []string{"nginx", "redis-server", "pgbouncer"} {
		path, err := exec.LookPath(name)
		if err != nil {
			path = "/usr/sbin/" + name // where Debian has some that are not in the PATH of all users
			if _, err := os.Stat(path); err != nil {
				missing = append(missing, name)
			}
		}
		programs[name] = path
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the fault suite needs %s: on Debian and Ubuntu, apt-get install nginx redis-server pgbouncer", strings.Join(missing, ", "))
}

// build builds our programs as a release does, and the server once more with a bug and a clock that can be set.
func build(dir string) error {
	overlay, err := withABug(dir)
	if err != nil {
		return err
	}
	for name, args := range map[string][]string{
		"server":       {"./cmd/server"},
		"migrate":      {"./cmd/migrate"},
		"buggy-server": {"-overlay", overlay, "./cmd/server"},
	} {
		programs[name] = filepath.Join(dir, name)
		cmd := exec.Command("go", append([]string{"build", "-trimpath", "-buildvcs=false", "-o", programs[name]}, args...)...) //nolint:noctx // before any test
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
	}
	return nil
}

// root of the repository, from this folder.
const root = "../.."
