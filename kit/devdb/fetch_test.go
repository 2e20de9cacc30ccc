//go:build linux || darwin

package devdb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/plinth/kit/devdb"
)

// programs has the layout of the archives of the repository, with shell scripts as programs. Made
// with tar --owner=0 --group=0 --mtime=2026-01-01 -cf - bin share | xz -9.
//
//go:embed testdata/postgres.txz
var programs []byte

// jar wraps programs as the repository does.
func jar(t *testing.T) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	_, err := archive.Create("META-INF/")
	must(t, err)
	file, err := archive.Create("postgres-any.txz")
	must(t, err)
	_, err = file.Write(programs)
	must(t, err)
	must(t, archive.Close())
	return buffer.Bytes()
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// A repository serves one archive for all platforms and versions, and counts the requests.
type repository struct {
	url      string
	archives atomic.Int32
	path     atomic.Value
}

func newRepository(t *testing.T, archive []byte, digest http.HandlerFunc) *repository {
	t.Helper()
	repo := &repository{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".jar.sha256") {
			digest(w, r)
			return
		}
		repo.archives.Add(1)
		repo.path.Store(r.URL.Path)
		_, _ = w.Write(archive)
	}))
	t.Cleanup(server.Close)
	repo.url = server.URL
	return repo
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func TestFetchUnpacksIntoTheCacheOnce(t *testing.T) {
	t.Parallel()
	archive := jar(t)
	repo := newRepository(t, archive, say(digest(archive)))
	opts := devdb.Options{CacheDir: filepath.Join(t.TempDir(), "cache"), Repository: repo.url + "/"}

	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if _, err := devdb.Fetch(t.Context(), 17, opts); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	dir, err := devdb.Fetch(t.Context(), 17, opts)
	must(t, err)
	if n := repo.archives.Load(); n != 1 {
		t.Errorf("the archive was fetched %d times, want once", n)
	}
	layout := regexp.MustCompile(`^/io/zonky/test/postgres/(embedded-postgres-binaries-[a-z0-9-]+)/(17\.[0-9.]+)/`)
	if path, _ := repo.path.Load().(string); !layout.MatchString(path) {
		t.Errorf("asked for %s", path)
	}
	for _, name := range []string{"postgres", "initdb", "postmaster"} {
		out, err := exec.CommandContext(t.Context(), filepath.Join(dir, name), "--version").Output()
		if err != nil || !strings.Contains(string(out), "(PostgreSQL) 17.5") {
			t.Errorf("%s --version says %q, %v", name, out, err)
		}
	}
	assertOnly(t, opts.CacheDir, "lock", filepath.Base(filepath.Dir(dir)))
}

func TestFetchRejectsArchivesWithoutDigest(t *testing.T) {
	t.Parallel()
	archive := jar(t)
	good := digest(archive)
	tests := map[string]struct {
		major  int
		digest http.HandlerFunc
		says   string
	}{
		"digest of something else": {17, say(digest([]byte("else"))), "checksums do not match"},
		"no digest":                {17, http.NotFound, "404"},
		"digest server broken": {17, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		}, "500"},
		"empty digest":  {17, say(" \n"), "digest is empty"},
		"half a digest": {17, say(good[:32]), "checksums do not match"},
		"digest cut off": {
			17, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"EOF",
		},
		"good digest, but not ours":    {18, say(good), "checksums do not match"},
		"new cluster, not our archive": {0, say(good), "checksums do not match"},
		"version that is not fetched":  {14, say(good), "no PostgreSQL 14"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := newRepository(t, archive, tt.digest)
			cache := filepath.Join(t.TempDir(), "cache")
			_, err := devdb.Fetch(t.Context(), tt.major, devdb.Options{CacheDir: cache, Repository: repo.url})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want it to say %q", err, tt.says)
			}
			if _, err := os.Stat(cache); err == nil {
				assertOnly(t, cache, "lock")
			}
		})
	}
}

func TestFetchAcceptsBothDigestFormats(t *testing.T) {
	t.Parallel()
	archive := jar(t)
	repo := newRepository(t, archive, say(strings.ToUpper(digest(archive))+"  postgres.jar\n"))
	_, err := devdb.Fetch(t.Context(), 17, devdb.Options{
		CacheDir:   filepath.Join(t.TempDir(), "cache"),
		Repository: repo.url,
	})
	must(t, err)
}

func TestFetchReplacesHalfAnArchive(t *testing.T) {
	t.Parallel()
	archive := jar(t)
	cache := filepath.Join(t.TempDir(), "cache")
	for _, broken := range [][]byte{archive[:len(archive)/2], []byte("<html>sign in to the Wi-Fi</html>")} {
		repo := newRepository(t, broken, say(digest(broken)))
		if _, err := devdb.Fetch(t.Context(), 17, devdb.Options{CacheDir: cache, Repository: repo.url}); err == nil {
			t.Fatal("half an archive is accepted")
		}
		assertOnly(t, cache, "lock")
	}
	repo := newRepository(t, archive, say(digest(archive)))
	_, err := devdb.Fetch(t.Context(), 17, devdb.Options{CacheDir: cache, Repository: repo.url})
	must(t, err)
}

func TestFetchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done() // a stalled connection
	}))
	defer server.Close()
	_, err := devdb.Fetch(ctx, 17, devdb.Options{CacheDir: filepath.Join(t.TempDir(), "cache"), Repository: server.URL})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestFetchRejectsACacheThatOthersCanWriteTo(t *testing.T) {
	t.Parallel()
	cache := filepath.Join(t.TempDir(), "cache")
	must(t, os.Mkdir(cache, 0o700))
	must(t, os.Chmod(cache, 0o777)) //nolint:gosec // that is the test
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(t.TempDir(), link))
	for _, dir := range []string{cache, link} {
		_, err := devdb.Fetch(t.Context(), 17, devdb.Options{CacheDir: dir, Repository: "http://127.0.0.1:1"})
		if err == nil || !strings.Contains(err.Error(), "only its user") {
			t.Errorf("%s: got %v", dir, err)
		}
	}
}

func assertOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	got := make([]string, 0, len(entries))
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %v, want %v", dir, got, names)
	}
}

// The format of the library's configuration may change.
func TestDefaultRepositoryOfTheLibrary(t *testing.T) {
	t.Parallel()
	if repository := devdb.LibraryRepository(); !strings.HasPrefix(repository, "https://") {
		t.Errorf("it is %q", repository)
	}
}
