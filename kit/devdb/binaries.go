//go:build linux || darwin

package devdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// binaries is a usable installation of PostgreSQL.
type binaries struct {
	dir   string // has postgres and initdb
	major int
}

// usualFolders are folders of packages that are not in PATH.
var usualFolders = []string{
	"/usr/lib/postgresql/*/bin",                              // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                       // Red Hat, Fedora (PGDG)
	"/usr/lib/postgresql*/bin",                               // SUSE
	"/usr/libexec/postgresql*",                               // Alpine
	"/opt/homebrew/opt/postgresql*/bin",                      // Homebrew, Apple silicon
	"/usr/local/opt/postgresql*/bin",                         // Homebrew, Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",         // Homebrew, Linux
	"/Applications/Postgres.app/Contents/Versions/*/bin",     // Postgres.app
	"/Library/PostgreSQL/*/bin",                              // EDB installer
	"/opt/local/lib/postgresql*/bin", "/usr/local/pgsql/bin", // MacPorts, from source
}

// findBinaries returns the installation for a cluster of a major version, 0 for a new one:
// opts.BinDir, else an installation on the machine, else a fetched one. Its version differs from
// that of the cluster only if none fits, or if the cluster is volatile.
func findBinaries(ctx context.Context, acct account, major int, opts Options) (binaries, error) {
	if opts.BinDir != "" {
		bin, err := inspect(ctx, acct, opts.BinDir)
		if err != nil {
			return binaries{}, unavailable(fmt.Errorf("POSTGRES_BIN: %w", err))
		}
		return bin, nil
	}
	best := choose(installations(ctx, acct, searchFolders(ctx), opts.Extensions), major)
	if best.major != 0 && (major == 0 || best.major == major || opts.Volatile) {
		return best, nil
	}
	if opts.Volatile {
		major = 0
	}
	fetched, err := fetchBinaries(ctx, acct, major, opts)
	switch {
	case err == nil:
		return fetched, nil
	case best.major != 0:
		opts.logger().WarnContext(ctx, "fetching postgres failed", slog.Any("error", err))
		return best, nil
	default:
		return binaries{}, unavailable(err)
	}
}

func fetchBinaries(ctx context.Context, acct account, major int, opts Options) (binaries, error) {
	dir, err := fetch(ctx, major, opts)
	if err != nil {
		return binaries{}, err
	}
	return inspect(ctx, acct, dir)
}

func unavailable(cause error) error {
	return fmt.Errorf("%w: %w. One of these helps: install PostgreSQL %d or newer with its contrib modules (it is "+
		"found in PATH and the usual folders, or name the folder of its programs in POSTGRES_BIN); or let this "+
		"machine reach the repository that it is fetched from, once, or a mirror of it (POSTGRES_MIRROR); or set "+
		"DATABASE_URL (for tests: TEST_DATABASE_URL) to a running server", ErrNoServer, cause, oldestMajor)
}

// searchFolders lists the folders that may have a server, the most likely first.
func searchFolders(ctx context.Context) []string {
	var folders []string
	if path, err := exec.LookPath("postgres"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	for _, pattern := range usualFolders {
		matches, _ := filepath.Glob(pattern) // fails only on a malformed pattern
		folders = append(folders, matches...)
	}
	return folders
}

// installations returns the usable servers in folders.
func installations(ctx context.Context, acct account, folders, extensions []string) []binaries {
	var found []binaries
	seen := map[string]bool{}
	for _, folder := range folders {
		path, err := filepath.EvalSymlinks(filepath.Join(folder, "postgres"))
		if err != nil || seen[path] {
			continue
		}
		seen[path] = true
		bin, err := inspect(ctx, acct, folder)
		if err != nil { // often a link into another folder
			bin, err = inspect(ctx, acct, filepath.Dir(path))
		}
		if err == nil && hasExtensions(ctx, acct, bin, extensions) {
			found = append(found, bin)
		}
	}
	return found
}

var sharePath = regexp.MustCompile(`(?m)^share_path=(.+)$`)

// hasExtensions reports whether an installation has all extensions.
func hasExtensions(ctx context.Context, acct account, bin binaries, extensions []string) bool {
	initdb := filepath.Join(bin.dir, "initdb")
	cmd := exec.CommandContext(ctx, initdb, "--show", "--pgdata", os.DevNull) //nolint:gosec // see output
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", toolEnv(), acct.attributes()
	out, _ := cmd.CombinedOutput() // on standard error; empty after a failure
	match := sharePath.FindSubmatch(out)
	if match == nil {
		return false
	}
	return !slices.ContainsFunc(extensions, func(name string) bool {
		_, err := os.Stat(filepath.Join(string(match[1]), "extension", name+".control"))
		return err != nil
	})
}

// choose prefers the version of the cluster, then the newest, then the first found.
func choose(installed []binaries, major int) binaries {
	if len(installed) == 0 {
		return binaries{}
	}
	return slices.MaxFunc(installed, func(a, b binaries) int {
		if (a.major == major) != (b.major == major) {
			if a.major == major {
				return 1
			}
			return -1
		}
		return a.major - b.major
	})
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// inspect returns the installation in a folder. It runs it as the account, and fails if it is too
// old.
func inspect(ctx context.Context, acct account, folder string) (binaries, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return binaries{}, fmt.Errorf("resolving %s: %w", folder, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "initdb")); err != nil {
		return binaries{}, fmt.Errorf("looking for initdb: %w", err)
	}
	out, err := output(ctx, acct, filepath.Join(folder, "postgres"), "--version")
	if err != nil {
		return binaries{}, err
	}
	match := versionLine.FindStringSubmatch(out)
	if match == nil {
		return binaries{}, fmt.Errorf("%s/postgres is not a server: it says %q", folder, out)
	}
	major, err := strconv.Atoi(match[1])
	if err == nil && major < oldestMajor {
		err = fmt.Errorf("%s holds PostgreSQL %d, which is older than %d", folder, major, oldestMajor)
	}
	return binaries{dir: folder, major: major}, err
}

// output returns the output of a program of PostgreSQL.
func output(ctx context.Context, acct account, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // programs that this package found
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", toolEnv(), acct.attributes()
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("running %s: %w: %s", program, err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("running %s: %w", program, err)
	}
	return string(out), nil
}
