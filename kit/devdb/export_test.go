//go:build linux || darwin

package devdb

import (
	"context"
	"time"
)

// Fetch is fetch.
func Fetch(ctx context.Context, major int, opts Options) (string, error) {
	return fetch(ctx, major, opts)
}

// LibraryRepository is the default of Options.Repository.
func LibraryRepository() string { return libraryRepository() }

// BinDir returns the folder of the server that Start chooses for a new cluster.
func BinDir(ctx context.Context) (string, error) {
	acct, err := serverAccount()
	if err != nil {
		return "", err
	}
	bin, err := findBinaries(ctx, acct, 0, Options{})
	return bin.dir, err
}

// Choose returns the version that is chosen among installed ones for a cluster of a major version.
func Choose(installed []int, major int) int {
	bins := make([]binaries, 0, len(installed))
	for _, m := range installed {
		bins = append(bins, binaries{major: m})
	}
	return choose(bins, major).major
}

// CanEnter reports whether a server running as uid and gid could enter dir.
func CanEnter(uid, gid uint32, dir string) bool {
	return account{uid: uid, gid: gid, dropped: true}.canEnter(dir)
}

// Home returns the folder for dir if the server runs as uid and gid.
func Home(uid, gid uint32, dir string) (string, error) {
	return account{uid: uid, gid: gid, dropped: true}.home(dir)
}

// IsUsable reports whether the server in a folder has the extensions.
func IsUsable(ctx context.Context, folder string, extensions ...string) bool {
	return len(installations(ctx, account{}, []string{folder}, extensions)) == 1
}

// FetchImpatiently is Fetch with a read timeout.
func FetchImpatiently(ctx context.Context, major int, opts Options, limit time.Duration) (string, error) {
	opts.stallAfter = limit
	return fetch(ctx, major, opts)
}

// NeedRoom is needRoom.
func NeedRoom(dir string, room uint64) error { return needRoom(dir, room) }
