//go:build linux || darwin

package devdb_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/devdb"
)

func wantWords(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("it does not say %q:\n%v", word, err)
		}
	}
}

// says returns an initdb that prints text and fails.
func says(t *testing.T, text string) string {
	t.Helper()
	return fakeBin(t, "cat <<'TEXT'\n"+text+"\nTEXT\nexit 1")
}

func TestInitdbFailureNamesCauseAndAdvice(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ says, helps string }{
		"full disk": {
			`FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device`,
			"free some space",
		},
		"quota":       {"initdb: error: could not write file: Disk quota exceeded", "free some space"},
		"locale":      {`initdb: error: invalid locale name "C.UTF-8"`, "install a UTF-8 locale"},
		"permissions": {"initdb: error: could not access directory: Permission denied", "to the user that runs this"},
		"memory":      {"FATAL:  could not map anonymous shared memory: Cannot allocate memory", "free some memory"},
		"other":       {"initdb: error: canary", "The whole log: "},
		"no word":     {"Killed", "exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			noise := strings.Repeat("creating configuration files ... ok\n", 20)
			_, err := devdb.Start(t.Context(),
				devdb.Options{Dir: dir, BinDir: says(t, noise+tc.says+"\nchild process exited")})
			wantWords(t, err, "creating a cluster with", tc.says, tc.helps, filepath.Join(dir, "postgres.log"))
			if strings.Count(err.Error(), "creating configuration files") > 10 {
				t.Errorf("the cause is buried:\n%v", err)
			}
		})
	}
}

// A full disk must not be reported as a missing locale.
func TestOnlyLocaleErrorsTryTheNextLocale(t *testing.T) {
	t.Parallel()
	_, err := devdb.Start(t.Context(), devdb.Options{Dir: folder(t), BinDir: fakeBin(t, `case "$*" in *en_US*)
	echo 'initdb: error: invalid locale name "en_US.UTF-8"'; exit 1;; esac
echo 'The database cluster will be initialized with this locale configuration:'
echo 'FATAL:  could not extend file "base/1/2691"'; echo 'HINT:  Check free disk space.'; exit 1`)})
	wantWords(t, err, "could not extend file", "HINT:  Check free disk space.", "free some space")
	if strings.Contains(err.Error(), "en_US") {
		t.Errorf("another locale was tried:\n%v", err)
	}
	// If the first locale is missing, the others are tried.
	_, err = devdb.Start(t.Context(), devdb.Options{Dir: folder(t), BinDir: fakeBin(t, `case "$*" in *icu*)
	echo 'initdb: error: ICU is not supported in this build'; exit 1;; esac
echo 'initdb: error: canary'; exit 1`)})
	wantWords(t, err, "canary")
}

func TestBrokenConfigurationNamesCauseAndAdvice(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	file, err := os.OpenFile(filepath.Join(dir, "data", "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteString("nonsense = 1\n")
	must(t, err)
	must(t, file.Close())
	_, err = devdb.Start(t.Context(), devdb.Options{Dir: dir})
	wantWords(t, err, "the database server did not start", `unrecognized configuration parameter "nonsense"`,
		"correct postgresql.conf")
}

func TestNeedRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, devdb.NeedRoom(dir, 1))
	wantWords(t, devdb.NeedRoom(dir, 1<<60), dir, "MB free", "free some space")
}

// Variables for other databases are common in shells.
func TestClientSettingsOfTheShellAreIgnored(t *testing.T) { //nolint:paralleltest // the environment is the process's
	for name, value := range map[string]string{
		"PGSERVICE": "prod", "PGOPTIONS": "-c search_path=other", "PGTARGETSESSIONATTRS": "read-only",
		"PGSSLROOTCERT": "/nowhere/ca.pem", "PGCHANNELBINDING": "require",
	} {
		t.Setenv(name, value)
	}
	server := start(t, devdb.Options{Dir: cluster(t)})
	must(t, server.CreateDatabase(t.Context(), "mine"))
	if path := query(t, server.URL("mine"), "SHOW search_path"); path != `"$user", public` {
		t.Errorf("search_path is %s", path)
	}
}

// As root the server runs as another user.
func TestStrictUmask(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "in", "a", "new", "folder")
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `umask 027; exec "$0" </dev/null`, self)
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "postgres://") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION")); err != nil {
		t.Errorf("the cluster is elsewhere: %v", err)
	}
}

func TestFetchRemovesLeftovers(t *testing.T) {
	t.Parallel()
	archive := jar(t)
	cache := filepath.Join(t.TempDir(), "cache")
	must(t, os.MkdirAll(filepath.Join(cache, "fetching-123", "programs"), 0o700))
	repo := newRepository(t, archive, say(digest(archive)))
	dir, err := devdb.Fetch(t.Context(), 17, devdb.Options{CacheDir: cache, Repository: repo.url})
	must(t, err)
	assertOnly(t, cache, "lock", filepath.Base(filepath.Dir(dir)))
}

// A proxy that never answers is told, long before anything else would give up.
func TestFetchReportsSilence(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close() //nolint:errcheck // nothing depends on it
	repository := "http://" + listener.Addr().String()
	_, err = devdb.FetchImpatiently(t.Context(), 17,
		devdb.Options{CacheDir: filepath.Join(t.TempDir(), "cache"), Repository: repository}, time.Millisecond)
	wantWords(t, err, "fetching PostgreSQL 17", repository, "sends nothing for 1ms")
}

func TestFetchReportsProgress(t *testing.T) {
	t.Parallel()
	archive := jar(t)
	var log bytes.Buffer
	repo := newRepository(t, archive, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(digest(archive)))
	})
	_, err := devdb.Fetch(t.Context(), 17, devdb.Options{
		CacheDir: filepath.Join(t.TempDir(), "cache"), Repository: repo.url,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	must(t, err)
	for _, words := range []string{"fetching postgres, once", "fetched_kb=", "size_kb="} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("the log does not say %q:\n%s", words, &log)
		}
	}
}
