//go:build linux || darwin

package devdb_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/devdb"
)

func TestRestartKeepsDataAndAddress(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	first := start(t, devdb.Options{Dir: dir})
	must(t, first.CreateDatabase(t.Context(), "app"))
	must(t, first.CreateDatabase(t.Context(), "app"))
	execute(t, first.URL("app"), "CREATE TABLE kept AS SELECT 'yes' AS answer")
	must(t, first.Stop())
	must(t, first.Stop())
	<-first.Done()

	second := start(t, devdb.Options{Dir: dir})
	if got := query(t, second.URL("app"), "SELECT answer FROM kept"); got != "yes" {
		t.Errorf("after the restart the table says %q", got)
	}
	if second.URL("app") != first.URL("app") {
		t.Error("the restart changed the URL, although the port was free")
	}
	if second.Joined() || second.Dir() != dir {
		t.Errorf("joined %t, in %s", second.Joined(), second.Dir())
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	durable := start(t, devdb.Options{Dir: folder(t)})
	volatile := start(t, devdb.Options{
		Dir: folder(t), Volatile: true,
		Settings: []string{"wal_level=logical", "max_wal_senders=1"},
	})
	tests := []struct {
		name, sql, durable, volatile string
	}{
		{"syncs", "SHOW fsync", "on", "off"},
		{"full pages", "SHOW full_page_writes", "on", "off"},
		{"autovacuum", "SHOW autovacuum", "on", "off"},
		{"commits without waiting", "SHOW synchronous_commit", "off", "off"},
		{"what the caller wants", "SHOW wal_level", "replica", "logical"},
		{"loopback only", "SHOW listen_addresses", "127.0.0.1", "127.0.0.1"},
		{"no socket files", "SHOW unix_socket_directories", "", ""},
		{"time zone", "SHOW timezone", "UTC", "UTC"},
		{"encoding", "SHOW server_encoding", "UTF8", "UTF8"},
		{"letters beyond ASCII", "SELECT lower('ÄÉŽ')", "äéž", "äéž"},
		{"character classes beyond ASCII", "SELECT ('Ä' ~ '[[:alpha:]]')::text", "true", "true"},
		{
			"scram passwords", "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'postgres'",
			"SCRAM-SHA-256",
			"SCRAM-SHA-256",
		},
		{
			"password for everyone", "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules",
			"scram-sha-256", "scram-sha-256",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := query(t, durable.URL("postgres"), tt.sql); got != tt.durable {
				t.Errorf("durable: %s gives %q, want %q", tt.sql, got, tt.durable)
			}
			if got := query(t, volatile.URL("postgres"), tt.sql); got != tt.volatile {
				t.Errorf("volatile: %s gives %q, want %q", tt.sql, got, tt.volatile)
			}
		})
	}
}

func TestAccessIsLimited(t *testing.T) {
	t.Parallel()
	server := start(t, devdb.Options{Dir: cluster(t)})

	wrong, err := url.Parse(server.URL("postgres"))
	must(t, err)
	wrong.User = url.UserPassword("postgres", "guess")
	if conn, err := pgx.Connect(t.Context(), wrong.String()); err == nil {
		_ = conn.Close(t.Context())
		t.Error("a wrong password is accepted")
	}
	for _, name := range []string{"password", "lock", "port", "postgres.log"} {
		info, err := os.Stat(filepath.Join(server.Dir(), name))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	pid := postmasterPID(t, server.Dir())
	if syscall.Kill(-pid, 0) != nil {
		t.Error("the server is not in a process group of its own: a Ctrl-C would reach it")
	}
	if info, err := os.Stat(filepath.Join(server.Dir(), "data")); err != nil || owner(info) == 0 {
		t.Errorf("the server runs as root, or cannot be looked at: %v", err)
	}
}

func TestSecondStartJoins(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	owner := start(t, devdb.Options{Dir: dir})
	guest, other := start(t, devdb.Options{Dir: dir}), start(t, devdb.Options{Dir: dir})

	if !guest.Joined() || guest.URL("postgres") != owner.URL("postgres") {
		t.Fatalf("joined %t, at %s", guest.Joined(), guest.URL("postgres"))
	}
	if _, err := devdb.Start(t.Context(), devdb.Options{Dir: dir, Exclusive: true}); !errors.Is(err, devdb.ErrInUse) {
		t.Errorf("an exclusive second start gives %v, want ErrInUse", err)
	}
	must(t, guest.Stop())
	must(t, guest.Stop())
	if got := query(t, owner.URL("postgres"), "SELECT 'alive'"); got != "alive" {
		t.Error("stopping a joined server has stopped the server")
	}
	select {
	case <-other.Done():
		t.Error("stopping a joined server has ended the other join")
	default:
	}
	must(t, owner.Stop())
	<-other.Done()
}

func TestSimultaneousStartsShareOneServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	servers := make([]*devdb.Server, 6)
	errs := make([]error, len(servers))
	var group sync.WaitGroup
	for i := range servers {
		group.Go(func() { servers[i], errs[i] = devdb.Start(t.Context(), devdb.Options{Dir: dir}) })
	}
	group.Wait()
	must(t, errors.Join(errs...))
	owners := 0
	for _, server := range servers {
		if !server.Joined() {
			owners++
		}
		if server.URL("postgres") != servers[0].URL("postgres") {
			t.Error("two starts in one folder lead to two servers")
		}
	}
	if owners != 1 {
		t.Errorf("%d of them own the server, want 1", owners)
	}
	for _, server := range servers {
		must(t, server.Stop())
	}
}

func TestKilledParentLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	parent, output := startChild(t, dir, "")
	databaseURL := line(t, output)
	execute(t, databaseURL, "CREATE TABLE kept AS SELECT 'yes' AS answer")
	pid := postmasterPID(t, dir)

	kill(t, parent)
	awaitNoProcess(t, dir)

	if conn, err := pgx.Connect(t.Context(), databaseURL); err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("the server outlived its parent")
	}
	server := start(t, devdb.Options{Dir: dir})
	if got := query(t, server.URL("postgres"), "SELECT answer FROM kept"); got != "yes" {
		t.Errorf("after the kill the table says %q", got)
	}
	if postmasterPID(t, dir) == pid {
		t.Error("the server of the killed parent is still running")
	}
}

func TestJoinedServerEndsWithItsOwner(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	parent, output := startChild(t, dir, "")
	line(t, output)
	guest := start(t, devdb.Options{Dir: dir})
	if !guest.Joined() {
		t.Fatal("the second start did not join")
	}
	kill(t, parent)
	<-guest.Done()
	if again := start(t, devdb.Options{Dir: dir}); again.Joined() {
		t.Error("joined a server that is ending")
	}
}

func TestKilledServerRecovers(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	first := start(t, devdb.Options{Dir: dir})
	execute(t, first.URL("postgres"), "CREATE TABLE kept AS SELECT 'yes' AS answer")
	execute(t, first.URL("postgres"), "CHECKPOINT")
	must(t, syscall.Kill(postmasterPID(t, dir), syscall.SIGKILL))
	<-first.Done()
	must(t, first.Stop())

	second := start(t, devdb.Options{Dir: dir})
	if got := query(t, second.URL("postgres"), "SELECT answer FROM kept"); got != "yes" {
		t.Errorf("after the kill the table says %q", got)
	}
}

func TestWrongMajorVersionIsAnErrorAndDeletesNothing(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	first := start(t, devdb.Options{Dir: dir})
	execute(t, first.URL("postgres"), "CREATE TABLE kept AS SELECT 'yes' AS answer")
	must(t, first.Stop())
	version := filepath.Join(dir, "data", "PG_VERSION")
	original, err := os.ReadFile(version)
	must(t, err)
	must(t, os.WriteFile(version, []byte("14\n"), 0o600))
	before := tree(t, filepath.Join(dir, "data"))

	_, err = devdb.Start(t.Context(), devdb.Options{Dir: dir})
	if !errors.Is(err, devdb.ErrWrongVersion) {
		t.Fatalf("got %v, want ErrWrongVersion", err)
	}
	for _, part := range []string{dir, "PostgreSQL 14", "POSTGRES_BIN", "DATABASE_URL", "delete"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not mention %q", err, part)
		}
	}
	if after := tree(t, filepath.Join(dir, "data")); after != before {
		t.Errorf("the refused start changed files: before\n%s\nafter\n%s", before, after)
	}
	must(t, os.WriteFile(version, original, 0o600)) //nolint:gosec // in a folder of this test
	second := start(t, devdb.Options{Dir: dir})
	if got := query(t, second.URL("postgres"), "SELECT answer FROM kept"); got != "yes" {
		t.Errorf("the table says %q", got)
	}
}

func TestUnusableVolatileClusterIsReplaced(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(t *testing.T, data string)
		want  string
	}{
		"in order": {
			spoil: func(*testing.T, string) {},
			want:  "kept",
		},
		"another major version": {
			spoil: func(t *testing.T, data string) {
				t.Helper()
				must(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("14\n"), 0o600))
			},
			want: "gone",
		},
		"files missing": {
			spoil: func(t *testing.T, data string) {
				t.Helper()
				must(t, os.Remove(filepath.Join(data, "global", "pg_control")))
			},
			want: "gone",
		},
		"not shut down": {
			spoil: func(t *testing.T, data string) { t.Helper(); writePostmasterPID(t, data, deadProcess(t)) },
			want:  "gone",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := cluster(t)
			first := start(t, devdb.Options{Dir: dir, Volatile: true})
			execute(t, first.URL("postgres"), "CREATE TABLE kept AS SELECT 'yes' AS answer")
			must(t, first.Stop())
			tt.spoil(t, filepath.Join(dir, "data"))

			second := start(t, devdb.Options{Dir: dir, Volatile: true})
			got := query(t, second.URL("postgres"), "SELECT coalesce(to_regclass('kept')::text, 'gone')")
			if got != tt.want {
				t.Errorf("the table is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestForeignFolderIsAnErrorAndUnchanged(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"files of another program":     "thesis.tex",
		"a data folder of their own":   "data/orders.csv",
		"a cluster of another program": "PG_VERSION",
		"a hidden file":                ".bashrc",
		"an unfinished data.new only":  "data.new/thesis.tex",
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			path := filepath.Join(dir, file)
			must(t, os.MkdirAll(filepath.Dir(path), 0o755)) //nolint:gosec // a folder as people have them
			must(t, os.WriteFile(path, []byte("precious"), 0o600))
			before := tree(t, dir)
			for _, volatile := range []bool{false, true} {
				_, err := devdb.Start(t.Context(), devdb.Options{Dir: dir, Volatile: volatile})
				if !errors.Is(err, devdb.ErrForeignFolder) {
					t.Errorf("got %v, want ErrForeignFolder", err)
				}
			}
			if after := tree(t, dir); after != before {
				t.Errorf("the refused start changed %s to %s", before, after)
			}
		})
	}
}

func TestForeignDataFolderIsAnErrorAndUnchanged(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	must(t, os.MkdirAll(filepath.Join(dir, "data"), 0o755)) //nolint:gosec // a folder as people have them
	must(t, os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
	precious := filepath.Join(dir, "data", "orders.csv")
	must(t, os.WriteFile(precious, []byte("precious"), 0o600))
	for _, version := range []string{"", "fifteen"} {
		if version != "" {
			must(t, os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte(version), 0o600))
		}
		if _, err := devdb.Start(t.Context(), devdb.Options{Dir: dir}); !errors.Is(err, devdb.ErrForeignFolder) {
			t.Errorf("version %q: got %v, want ErrForeignFolder", version, err)
		}
	}
	content, err := os.ReadFile(precious)
	if string(content) != "precious" {
		t.Errorf("the file holds %q, %v", content, err)
	}
}

func TestBusyPortIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := cluster(t)
	first := start(t, devdb.Options{Dir: dir})
	must(t, first.Stop())
	parsed, err := url.Parse(first.URL("postgres"))
	must(t, err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", parsed.Host)
	must(t, err)
	defer listener.Close() //nolint:errcheck // nothing depends on it

	second := start(t, devdb.Options{Dir: dir})
	if second.URL("postgres") == first.URL("postgres") {
		t.Error("the server claims a busy port")
	}
	query(t, second.URL("postgres"), "SELECT 'works'")
}

func TestServerEndsWhenItsStartIsCancelled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	begun := hangingInitdb(t)
	failed := make(chan error)
	go func() {
		_, err := devdb.Start(ctx, devdb.Options{Dir: dir, BinDir: begun.binDir})
		failed <- err
	}()
	begun.await(t)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	awaitNoProcess(t, dir)
}

// tree lists the files of a folder with their sizes.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		list.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().String() + "\n")
		return nil
	}))
	return list.String()
}

func owner(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return 0
}

func postmasterPID(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	return pid
}
