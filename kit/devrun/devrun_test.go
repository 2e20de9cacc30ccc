//go:build linux || darwin

package devrun_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
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

func TestExplainPort(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close() //nolint:errcheck // best effort
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	number, err := strconv.Atoi(port)
	must(t, err)
	err = devrun.ExplainPort(t.Context(), "127.0.0.1", number)
	if err == nil || !strings.Contains(err.Error(), "port "+port+" is taken") || !strings.Contains(err.Error(), "make run") {
		t.Errorf("a taken port: %v", err)
	}
	must(t, devrun.ExplainPort(t.Context(), "127.0.0.1", 0))
	err = devrun.ExplainPort(t.Context(), "no.such.host.invalid", 0)
	if err == nil || !strings.Contains(err.Error(), "HOST and PORT") {
		t.Errorf("an unknown host: %v", err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	killed := devrun.Exec(t.Context(), []string{"sh", "-c", "kill -9 $$"})
	for _, test := range []struct {
		err    error
		status int
		words  string
	}{
		{nil, 0, ""},
		{devrun.StatusError(3), 3, ""},
		{killed, 1, "killed"},
		{devrun.Exec(t.Context(), []string{"/nowhere/program"}), 1, "/nowhere/program"},
	} {
		var stderr strings.Builder
		status := devrun.Status(test.err, &stderr)
		if status != test.status || !strings.Contains(stderr.String(), test.words) || (test.words == "") != (stderr.Len() == 0) {
			t.Errorf("%v: exit status %d: %s", test.err, status, &stderr)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	must(t, os.Chmod(filepath.Dir(root), 0o755)) //nolint:gosec // G302: the server may run as another user
	must(t, os.Chmod(root, 0o755))               //nolint:gosec // G302: see above
	dir := filepath.Join(root, "cluster")
	reset := func(words string, sure bool) {
		t.Helper()
		var stdout strings.Builder
		if err := devrun.Reset(&stdout, dir, sure); err != nil || !strings.Contains(stdout.String(), words) {
			t.Errorf("got %q (%v), want %q", &stdout, err, words)
		}
	}
	refused := func(words string) {
		t.Helper()
		var stdout strings.Builder
		if err := devrun.Reset(&stdout, dir, true); err == nil || !strings.Contains(err.Error(), words) || stdout.Len() > 0 {
			t.Errorf("got %v and %q, want %q", err, &stdout, words)
		}
	}
	reset("Deleted", true) // without a database
	server, err := devdb.Start(t.Context(), devdb.Options{Dir: dir, BinDir: os.Getenv("POSTGRES_BIN")})
	must(t, err)
	refused("stop make run first")
	must(t, server.Stop())
	reset("make reset YES=1", false)
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("deleted without being sure: %v", err)
	}
	reset("Deleted", true)
	if _, err := os.Stat(dir); err == nil {
		t.Error("the database is still there")
	}
	must(t, os.MkdirAll(filepath.Join(dir, "precious"), 0o755)) //nolint:gosec // G301: root's server has to pass
	refused("holds something else")
}

// writes has each text that was written.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

// The log goes to the same terminal, from another goroutine.
func TestWelcomeIsWrittenOnce(t *testing.T) {
	t.Parallel()
	var seen writes
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8000}
	devrun.Welcome{AppName: "Orders", Docs: "/docs", TryIt: "curl BASE_URL/things\n"}.Print(&seen, address, address)
	if len(seen) != 1 || !strings.Contains(seen[0], "Docs") || !strings.Contains(seen[0], "Metrics") ||
		!strings.Contains(seen[0], "Ctrl-C") || !strings.Contains(seen[0], "curl http://127.0.0.1:8000/things\n") {
		t.Errorf("it is written in %d pieces: %q", len(seen), []string(seen))
	}
}

func TestWelcomePrintsWhereDataIs(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	must(t, err)
	for data, want := range map[string]string{
		"":                                       "Data stays in the database of DATABASE_URL.",
		filepath.Join(here, ".data", "postgres"): "Data stays in .data/postgres.",
		"/var/cache/orders/root/x":               "Data stays in /var/cache/orders/root/x.",
	} {
		var screen strings.Builder
		devrun.Welcome{Data: data}.Print(&screen, &net.TCPAddr{}, nil)
		if !strings.Contains(screen.String(), want) {
			t.Errorf("with the data in %q the screen is\n%s", data, &screen)
		}
	}
}

func TestWelcomePrintsAddresses(t *testing.T) {
	t.Parallel()
	for docs, want := range map[string]bool{"/api/docs": true, "": false} {
		var screen strings.Builder
		addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
		var metrics net.Addr
		if want {
			metrics = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4712}
		}
		devrun.Welcome{AppName: "Lilliput", Docs: docs}.Print(&screen, addr, metrics)
		for _, text := range []string{"Lilliput is running", "API      http://127.0.0.1:4711\n"} {
			if !strings.Contains(screen.String(), text) {
				t.Errorf("it does not contain %q:\n%s", text, &screen)
			}
		}
		if strings.Contains(screen.String(), "http://127.0.0.1:4712/metrics") != want {
			t.Errorf("with metrics %t the screen is\n%s", want, &screen)
		}
		if strings.Contains(screen.String(), "http://127.0.0.1:4711/api/docs") != want {
			t.Errorf("with docs %t the screen is\n%s", want, &screen)
		}
	}
}
