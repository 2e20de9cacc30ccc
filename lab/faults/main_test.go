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

// programs are the paths of the programs that the suite runs, by name.
var programs = map[string]string{} //nolint:gochecknoglobals // set once by TestMain

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run finds and builds the programs, runs the tests in a temporary folder and prints the table.
func run(m *testing.M) int {
	dir, err := scratch()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // best effort
	if err := find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := errors.Join(build(dir), startUnreachable()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer unreachable.kill()
	code := m.Run()
	fmt.Fprint(os.Stdout, "\n"+results.table())
	if path := os.Getenv("FAULTS_REPORT"); path != "" && code == 0 {
		if err := results.write(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// scratch creates the folder for temporary files: in memory if possible, and accessible to other
// users, because database servers started by root run as another user.
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

// find looks up the third-party programs.
func find() error {
	var missing []string
	for _, name := range []string{"nginx", "redis-server", "pgbouncer", "aiosmtpd"} {
		path, err := exec.LookPath(name)
		if err != nil {
			path = "/usr/sbin/" + name // Debian's place for some, which not every PATH contains
			if _, err := os.Stat(path); err != nil {
				missing = append(missing, name)
			}
		}
		programs[name] = path
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the fault suite needs %s: on Debian and Ubuntu, apt-get install nginx redis-server pgbouncer python3-aiosmtpd",
		strings.Join(missing, ", "))
}

// build builds the programs like a release, and the server a second time with the overlay.
func build(dir string) error {
	overlay, err := writeOverlay(dir)
	if err != nil {
		return err
	}
	for name, args := range map[string][]string{
		"server":       {"./cmd/server"},
		"worker":       {"./cmd/worker"},
		"migrate":      {"./cmd/migrate"},
		"buggy-server": {"-overlay", overlay, "./cmd/server"},
	} {
		programs[name] = filepath.Join(dir, name)
		cmd := exec.Command("go", append([]string{"build", "-trimpath", "-buildvcs=false", "-o", programs[name]}, args...)...) //nolint:noctx // no test context yet
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
	}
	return nil
}

// root is the root of the repository.
const root = "../.."
