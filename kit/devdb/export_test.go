//go:build linux || darwin

package devdb

import (
	"context"
	"time"
)

// Fetch is fetch, without a server to run what was fetched.
func Fetch(ctx context.Context, major int, opts Options) (string, error) {
	return fetch(ctx, major, opts)
}

// LibraryRepository is where binaries come from unless Options.Repository says otherwise.
func LibraryRepository() string { return libraryRepository() }

// BinDir is the folder of the server that Start would choose for a new cluster.
func BinDir(ctx context.Context) (string, error) {
	acct, err := serverAccount()
	if err != nil {
		return "", err
	}
	bin, err := findBinaries(ctx, acct, 0, Options{})
	return bin.dir, err
}

// Choose returns the major version that is chosen among the installed ones for a
// cluster of the given one.
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

// Home is where the cluster of dir goes when the server runs as uid and gid.
func Home(uid, gid uint32, dir string) (string, error) {
	return account{uid: uid, gid: gid, dropped: true}.home(dir)
}

// IsUsable reports whether a server would be started from a folder that was found.
func IsUsable(ctx context.Context, folder string) bool {
	return len(installations(ctx, account{}, []string{folder})) == 1
}

// FetchImpatiently is Fetch from a repository that may be silent for no longer than limit.
func FetchImpatiently(ctx context.Context, major int, opts Options, limit time.Duration) (string, error) {
	opts.stallAfter = limit
	return fetch(ctx, major, opts)
}

// NeedRoom fails if the disk that holds dir has less room than that.
func NeedRoom(dir string, room uint64) error { return needRoom(dir, room) }
