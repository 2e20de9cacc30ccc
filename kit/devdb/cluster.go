//go:build linux || darwin

package devdb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// clusterMajor returns the major version of the cluster, 0 if there is none.
func (f *folder) clusterMajor() (int, error) {
	version, err := os.ReadFile(f.path(filepath.Join(dataDir, "PG_VERSION")))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(f.path(dataDir)); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		return 0, fmt.Errorf("%w: %s has no PG_VERSION (nothing was touched)", ErrForeignFolder, f.path(dataDir))
	}
	if err != nil {
		return 0, fmt.Errorf("reading the cluster's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(version)))
	if err != nil {
		return 0, fmt.Errorf("%w: %s has the version %q (nothing was touched)",
			ErrForeignFolder, f.path(dataDir), version)
	}
	return major, nil
}

// locales are tried in this order, because builds without ICU exist and names differ between
// systems. Plain C is no option: there lower('Ä') is 'Ä'.
var locales = [][]string{
	{"--locale-provider=icu", "--icu-locale=und", "--locale=C.UTF-8"},
	{"--locale-provider=icu", "--icu-locale=und", "--locale=en_US.UTF-8"},
	{"--locale=C.UTF-8"},
	{"--locale=en_US.UTF-8"},
}

// create creates a cluster in a temporary folder and renames it, so that a cluster in the final
// folder is complete.
func (f *folder) create(ctx context.Context, bin binaries, volatile bool) error {
	password := f.path(passwordFile)
	if err := errors.Join(f.write(passwordFile, rand.Text()), f.account.own(password)); err != nil {
		return fmt.Errorf("storing the database password: %w", err)
	}
	args := []string{
		"--pgdata=" + f.path(newDataDir), "--username=" + superuser, "--pwfile=" + password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--no-instructions",
	}
	if volatile {
		args = append(args, "--wal-segsize=1") // a third of the size of the default
	}
	if err := needRoom(f.dir, clusterRoom); err != nil {
		return err
	}
	if err := f.initdb(ctx, filepath.Join(bin.dir, "initdb"), args); err != nil {
		return err
	}
	return os.Rename(f.path(newDataDir), f.path(dataDir))
}

// initdb tries the next locale only if the machine or the programs lack one.
func (f *folder) initdb(ctx context.Context, program string, args []string) error {
	var err error
	for _, locale := range locales {
		if err := errors.Join(f.emptyNewDataDir(), f.write(logFile, "")); err != nil {
			return fmt.Errorf("making room for a new cluster: %w", err)
		}
		var p *process
		if p, err = f.spawn(ctx, program, append(args, locale...)...); err == nil {
			err = p.wait(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		if !f.isLocaleError() {
			break
		}
	}
	return f.failure("creating a cluster with "+program, err)
}

// emptyNewDataDir removes the files of an interrupted initdb.
func (f *folder) emptyNewDataDir() error {
	dir := f.path(newDataDir)
	return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700), f.account.own(dir))
}

// discard renames the cluster, which is atomic. create removes it.
func (f *folder) discard() error {
	if err := os.RemoveAll(f.path(newDataDir)); err != nil {
		return err
	}
	return os.Rename(f.path(dataDir), f.path(newDataDir))
}

var serverCommand = regexp.MustCompile(`(^|/)(postgres|postmaster)( |$)`)

// clearStalePID removes a postmaster.pid whose process id now belongs to another program or a
// zombie, which PostgreSQL would mistake for a running server; it handles other leftovers itself.
// The lock of the folder proves that no server of this package runs. A server that was started by
// hand is left alone.
func (f *folder) clearStalePID(ctx context.Context) error {
	pm := f.postmaster()
	if pm.pid <= 0 {
		return nil
	}
	command, found := commandLine(ctx, pm.pid)
	if !found {
		return nil
	}
	other := strings.Contains(command, " -D /") && !strings.Contains(command, " -D "+pm.data)
	if serverCommand.MatchString(command) && !other {
		return nil
	}
	return os.Remove(f.path(filepath.Join(dataDir, "postmaster.pid")))
}

// commandLine returns the command line of a process, empty for a zombie.
func commandLine(ctx context.Context, pid int) (string, bool) {
	if _, err := os.Stat("/proc/self/cmdline"); err == nil {
		args, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
		return strings.ReplaceAll(string(args), "\x00", " "), err == nil
	}
	ps := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)) //nolint:gosec // a number
	out, err := ps.Output()
	return strings.TrimSpace(string(out)), err == nil
}
