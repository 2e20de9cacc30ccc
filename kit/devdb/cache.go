//go:build linux || darwin

package devdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// CacheDir creates and returns the folder for what can be fetched again. It is in the user's
// cache, or in the system's as root, because the server's unprivileged user must be able to read
// it. All projects share it.
func CacheDir() (string, error) {
	if os.Geteuid() == 0 {
		dir := filepath.Join(systemCache(), cacheName)
		return dir, MakePrivate(dir)
	}
	var cacheErr error
	if dir, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(dir, cacheName)
		if cacheErr = MakePrivate(dir); cacheErr == nil {
			return dir, nil
		}
	}
	// Some users have no home folder.
	dir := filepath.Join(os.TempDir(), cacheName+"-"+strconv.Itoa(os.Geteuid()))
	if err := MakePrivate(dir); err != nil {
		return "", errors.Join(cacheErr, err)
	}
	return dir, nil
}

// MakePrivate creates dir unless it exists. It fails if users other than that of this process can
// write to it, because programs are run from such folders.
func MakePrivate(dir string) error {
	if err := makePassable(dir); err != nil {
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

// makePassable creates dir and its missing parents. As root it makes them, and existing parents in
// the system's cache, searchable for the server's user, whatever the umask is.
func makePassable(dir string) error {
	if os.Geteuid() != 0 {
		return os.MkdirAll(dir, 0o755) //nolint:gosec // the umask decides
	}
	var ours []string
	for path := dir; path != filepath.Dir(path); path = filepath.Dir(path) {
		_, err := os.Stat(path)
		inCache := strings.HasPrefix(path+"/", filepath.Join(systemCache(), cacheName)+"/")
		if err == nil && !inCache {
			break
		}
		ours = append(ours, path)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // see above
		return err
	}
	for _, path := range ours {
		if err := os.Chmod(path, 0o755); err != nil { //nolint:gosec // see above
			return err
		}
	}
	return nil
}

// makeReadable makes what root unpacked readable for the server's user, whatever the umask is.
func makeReadable(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm()
		return os.Chmod(path, mode|mode&0o500>>3|mode&0o500>>6) //nolint:gosec // G122: the folder is ours alone
	})
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
