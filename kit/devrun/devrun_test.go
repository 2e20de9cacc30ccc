//go:build linux || darwin

package devrun_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"example.com/plinth/kit/devdb"
	"example.com/plinth/kit/devrun"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSecretIsGeneratedOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "secret")
	first, err := devrun.Secret(path)
	must(t, err)
	second, err := devrun.Secret(path)
	must(t, err)
	if first != second || len(first) < 32 {
		t.Errorf("the secrets are %d and %d bytes long, the same: %t", len(first), len(second), first == second)
	}
	info, err := os.Stat(path)
	must(t, err)
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file's mode is %o", mode)
	}
	if other, err := devrun.Secret(filepath.Join(t.TempDir(), "secret")); err != nil || other == first {
		t.Errorf("another file has the same secret (%v)", err)
	}
}

// Two commands may be the first at the same time.
func TestConcurrentFirstRunsShareTheSecret(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "secret")
	var mu sync.Mutex
	secrets := map[string]int{}
	var group sync.WaitGroup
	start := make(chan struct{})
	for range 50 {
		group.Go(func() {
			<-start
			secret, err := devrun.Secret(path)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			secrets[secret]++
		})
	}
	close(start)
	group.Wait()
	if len(secrets) != 1 {
		t.Errorf("there are %d secrets", len(secrets))
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, want 1 (%v)", len(left), err)
	}
}

func TestSecretThatCannotBeStored(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{filepath.Join(file, "secret"), t.TempDir()} {
		if _, err := devrun.Secret(path); err == nil || !strings.Contains(err.Error(), "the development secret") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func TestCheckPort(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close() //nolint:errcheck // best effort
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal(listener.Addr())
	}
	if err := devrun.CheckPort(t.Context(), "127.0.0.1", address.Port); !errors.Is(err, devrun.ErrPortTaken) {
		t.Errorf("a taken port: %v", err)
	}
	must(t, devrun.CheckPort(t.Context(), "127.0.0.1", 0))
	if err := devrun.CheckPort(t.Context(), "no.such.host.invalid", 0); err == nil ||
		errors.Is(err, devrun.ErrPortTaken) {
		t.Errorf("an unknown host: %v", err)
	}
}

func TestExecReturnsTheStatus(t *testing.T) {
	t.Parallel()
	script := `test "$GIVEN" = yes && test -n "$PATH" && exit 3`
	err := devrun.Exec(t.Context(), []string{"sh", "-c", script}, "GIVEN=yes")
	if status, ok := errors.AsType[devrun.StatusError](err); !ok || status != 3 {
		t.Errorf("got %v, want exit status 3", err)
	}
	if err := devrun.Exec(t.Context(), []string{"/nowhere/program"}); err == nil ||
		!strings.Contains(err.Error(), "/nowhere/program") {
		t.Errorf("a missing program: %v", err)
	}
	must(t, devrun.Exec(t.Context(), []string{"true"}))
}

func TestExecSendsSIGTERM(t *testing.T) {
	t.Parallel()
	started := filepath.Join(t.TempDir(), "started")
	must(t, syscall.Mkfifo(started, 0o600))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		script := `trap 'kill $!; exit 7' TERM; sleep 60 & echo yes >"$STARTED"; wait`
		ended <- devrun.Exec(ctx, []string{"sh", "-c", script}, "STARTED="+started)
	}()
	_, err := os.ReadFile(started) // blocks until the program writes
	must(t, err)
	stop()
	if status, ok := errors.AsType[devrun.StatusError](<-ended); !ok || status != 7 {
		t.Errorf("got %v, want that of the trap", status)
	}
}

func TestWithDatabaseEndsWithTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // G302: the server may run as another user
	options := devdb.Options{Dir: filepath.Join(dir, "cluster"), BinDir: os.Getenv("POSTGRES_BIN"), Volatile: true}
	err := devrun.WithDatabase(t.Context(), options, "orders", func(ctx context.Context, server *devdb.Server) error {
		if !strings.Contains(server.URL("orders"), "/orders?") {
			t.Errorf("the URL is %s", server.URL("orders"))
		}
		return ctx.Err()
	})
	must(t, err)
	err = devrun.WithDatabase(t.Context(), options, "orders", func(ctx context.Context, server *devdb.Server) error {
		if err := server.Stop(); err != nil { // as if it was killed
			return err
		}
		<-ctx.Done()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "the embedded PostgreSQL has ended") {
		t.Errorf("got %v", err)
	}
}

func TestShortPath(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	must(t, err)
	for path, want := range map[string]string{
		filepath.Join(here, ".data", "postgres"): filepath.Join(".data", "postgres"), "/var/cache/x": "/var/cache/x",
	} {
		if got := devrun.ShortPath(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
