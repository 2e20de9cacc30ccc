//go:build linux || darwin

package devdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// CacheDir returns the folder in which this project keeps what it can make or
// fetch again, having created it: in the user's cache, or in the system's as
// root, because the server's unprivileged user must reach it.
func CacheDir() (string, error) {
	if os.Geteuid() == 0 {
		dir := filepath.Join(systemCache(), project)
		return dir, MakePrivate(dir)
	}
	var cacheErr error
	if dir, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(dir, project)
		if cacheErr = MakePrivate(dir); cacheErr == nil {
			return dir, nil
		}
	}
	// Users without a home exist, nobody for one.
	dir := filepath.Join(os.TempDir(), project+"-"+strconv.Itoa(os.Geteuid()))
	if err := MakePrivate(dir); err != nil {
		return "", errors.Join(cacheErr, err)
	}
	return dir, nil
}

// MakePrivate creates dir, unless it exists, and fails when anybody but this
// process's user could put something into it: programs are run from such folders.
func MakePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as root, the server's user passes through
		return fmt.Errorf("creating a private folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("checking a private folder: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder that only its user, %d, can write to", dir, os.Geteuid())
	}
	return nil
}

func (o Options) cache() (string, error) {
	if o.CacheDir == "" {
		return CacheDir()
	}
	return o.CacheDir, MakePrivate(o.CacheDir)
}

func systemCache() string {
	if runtime.GOOS == "darwin" {
		return "/Library/Caches"
	}
	return "/var/cache"
}
