//go:build linux || darwin

package devdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Files in a folder of this package.
const (
	lockFile     = "lock"         // flocked by the owner and each process of its server
	dataDir      = "data"         // the cluster; complete, because it is renamed into place
	newDataDir   = "data.new"     // a cluster while initdb runs
	passwordFile = "password"     // of the superuser
	portFile     = "port"         // the last one, tried first
	logFile      = "postgres.log" // of the last start
)

// Timeout and interval of polling another process.
const (
	patience  = time.Minute
	pollEvery = 5 * time.Millisecond
)

// folder is the folder of a cluster.
type folder struct {
	dir     string
	account account
	lock    *os.File
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// openFolder opens dir without claiming it. It fails with ErrForeignFolder if dir has content of
// other programs.
func openFolder(dir string, acct account) (*folder, error) {
	f := &folder{dir: dir, account: acct}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening the database folder (does it belong to another user?): %w", err)
	}
	if len(entries) > 0 {
		if _, err := os.Lstat(f.path(lockFile)); err != nil {
			return nil, fmt.Errorf("%w: %s (nothing was touched; choose another one)", ErrForeignFolder, dir)
		}
	} else if err := makeFolder(dir, acct); err != nil {
		return nil, fmt.Errorf("creating the database folder: %w", err)
	}
	f.lock, err = os.OpenFile(f.path(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the database folder's lock (does it belong to another user?): %w", err)
	}
	return f, nil
}

// makeFolder creates dir, which the account can enter but not write to.
func makeFolder(dir string, acct account) error {
	if err := makePassable(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if !acct.dropped {
		return nil
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // see above
		return err
	}
	if !acct.canEnter(dir) {
		return fmt.Errorf("the server's user cannot enter %s", dir)
	}
	return nil
}

// claim makes this process the owner of the folder, and reports whether it succeeded.
func (f *folder) claim() (bool, error) {
	err := syscall.Flock(int(f.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("locking %s (a network file system?): %w", f.lock.Name(), err)
	}
	return true, nil
}

// release releases the claim. The lock remains until the last process of the server has ended.
func (f *folder) release() { _ = f.lock.Close() }

// write replaces a small private file.
func (f *folder) write(name, content string) error {
	return os.WriteFile(f.path(name), []byte(content), 0o600)
}

func (f *folder) read(name string) string {
	content, _ := os.ReadFile(f.path(name)) // a missing file is empty: callers check
	return strings.TrimSpace(string(content))
}

// postmaster has the content of postmaster.pid.
type postmaster struct {
	pid   int
	data  string
	port  int
	ready bool
}

// postmaster reads postmaster.pid. It returns the zero value if there is none.
func (f *folder) postmaster() postmaster {
	lines := strings.Split(f.read(filepath.Join(dataDir, "postmaster.pid")), "\n")
	if len(lines) < 4 { // see miscadmin.h of PostgreSQL
		return postmaster{}
	}
	pid, _ := strconv.Atoi(lines[0])
	port, _ := strconv.Atoi(lines[3])
	ready := len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
	return postmaster{pid: pid, data: lines[1], port: port, ready: ready}
}

// pause waits before the next poll. It returns false if ctx has ended.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pollEvery):
		return true
	}
}
