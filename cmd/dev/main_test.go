package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgtest"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "curl" {
		if err := curl(os.Args[1:], os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	m.Run()
}

// checkout makes an empty folder the working directory, and these the only settings of the process, until the test ends.
func checkout(t *testing.T, environ map[string]string) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // G302: the database server may run as another user
	t.Chdir(dir)
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": "postgres://u:p@localhost/d", "JWT_SECRET": strings.Repeat("x", 32),
	}, config.Options{})
	must(t, err)
	for _, setting := range cfg.Settings() {
		if setting.Name == "POSTGRES_BIN" { // which the test server needs
			continue
		}
		t.Setenv(setting.Name, "")
		if value, ok := environ[setting.Name]; ok {
			t.Setenv(setting.Name, value)
		} else {
			must(t, os.Unsetenv(setting.Name)) // an empty variable would hide the one in .env
		}
	}
}

// dev runs the command to its end and returns its exit status and what it printed.
func dev(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(t.Context(), args, &out, &problems)
	return code, out.String(), problems.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, code := range map[string]int{
		"help": 0, "-h": 0, "--help": 0, "nonsense": 2, "exec": 2, "serve now": 2, "config now": 2, "--port 8000": 2,
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			got, stdout, stderr := dev(t, strings.Fields(args)...)
			if got != code || (code == 0 && (stdout != usage || stderr != "")) || (code != 0 && (stdout != "" || stderr != usage)) {
				t.Errorf("exit status %d\n%s\n%s", got, stdout, stderr)
			}
		})
	}
}

func TestTheSecretIsMadeOnce(t *testing.T) { //nolint:paralleltest // the working directory is the process's
	checkout(t, nil)
	first, err := developmentSecret()
	must(t, err)
	second, err := developmentSecret()
	must(t, err)
	if first != second || len(first) < 32 {
		t.Errorf("the secrets are %d and %d bytes long, the same: %t", len(first), len(second), first == second)
	}
	info, err := os.Stat(filepath.Join(dataDir, "jwt_secret"))
	must(t, err)
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file's mode is %o", mode)
	}
	checkout(t, nil)
	if elsewhere, err := developmentSecret(); err != nil || elsewhere == first {
		t.Errorf("another checkout has the same secret (%v)", err)
	}
}

// make run and make seed may be the first two commands, at once.
func TestTheSecretIsMadeOnceByMany(t *testing.T) { //nolint:paralleltest // the working directory is the process's
	checkout(t, nil)
	var mu sync.Mutex
	secrets := map[string]int{}
	var group sync.WaitGroup
	start := make(chan struct{})
	for range 50 {
		group.Go(func() {
			<-start
			secret, err := developmentSecret()
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
	if left, err := os.ReadDir(dataDir); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, want 1 (%v)", len(left), err)
	}
}

func TestASecretThatCannotBeKept(t *testing.T) { //nolint:paralleltest // the working directory is the process's
	checkout(t, map[string]string{"DATABASE_URL": "postgres://u:p@127.0.0.1:1/d"})
	must(t, os.WriteFile(dataDir, nil, 0o600)) // where a folder should be
	if code, _, stderr := dev(t, "config"); code != 1 || !strings.Contains(stderr, dataDir) {
		t.Errorf("exit status %d: %s", code, stderr)
	}
	checkout(t, map[string]string{"DATABASE_URL": "postgres://u:p@127.0.0.1:1/d"})
	must(t, os.MkdirAll(filepath.Join(dataDir, "jwt_secret"), 0o700)) // where a file should be
	if code, _, stderr := dev(t, "config"); code != 1 || !strings.Contains(stderr, "development secret") {
		t.Errorf("exit status %d: %s", code, stderr)
	}
}

func TestOnlyDevelopment(t *testing.T) { //nolint:paralleltest // the environment is the process's
	for _, environment := range []string{"production", "staging"} {
		databaseURL := pgtest.EmptyURL(t)
		checkout(t, map[string]string{
			"ENVIRONMENT": environment, "DATABASE_URL": "postgres://user:Zq8rT2xV9bN4@127.0.0.1:1/db", "CORS_ORIGINS": "https://app.example.com",
		})
		for _, args := range [][]string{nil, {"config"}, {"exec", "touch", "ran"}} {
			code, _, stderr := dev(t, args...)
			if code != 1 || !strings.Contains(stderr, "development only") || !strings.Contains(stderr, environment) {
				t.Errorf("%s %s: exit status %d: %s", environment, args, code, stderr)
			}
		}
		if _, err := os.Stat("ran"); err == nil {
			t.Errorf("%s: the program was run", environment)
		}
		if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
			t.Errorf("%s: the database was migrated", environment)
		}
	}
}

func TestConfigShowsWhatDevelopmentHas(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"DATABASE_URL": pgtest.EmptyURL(t)})
	must(t, os.WriteFile(".env", []byte("APP_NAME=Named in the file\n"), 0o600))
	code, stdout, stderr := dev(t, "config")
	if code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, line := range []string{"ENVIRONMENT=development", "HOST=127.0.0.1", "APP_NAME=Named in the file", "JWT_SECRET=[redacted]", "LOG_FORMAT=text"} {
		if !strings.Contains(stdout, line) {
			t.Errorf("it does not say %s:\n%s", line, stdout)
		}
	}
	secret, err := developmentSecret()
	must(t, err)
	if strings.Contains(stdout+stderr, secret) {
		t.Error("the secret is shown")
	}
}

func TestExecHandsTheSettingsOn(t *testing.T) {
	databaseURL := pgtest.EmptyURL(t)
	checkout(t, map[string]string{"DATABASE_URL": databaseURL})
	t.Setenv("OF_THE_SHELL", "kept")
	code, _, stderr := dev(t, "exec", "sh", "-c", `printf '%s\n' "$DATABASE_URL" "$JWT_SECRET" "$ENVIRONMENT" "$OF_THE_SHELL" "$1" >seen`, "sh", "argument 1")
	if code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	secret, err := developmentSecret()
	must(t, err)
	seen, err := os.ReadFile("seen")
	must(t, err)
	if want := strings.Join([]string{databaseURL, secret, "development", "kept", "argument 1", ""}, "\n"); string(seen) != want {
		t.Errorf("the program sees\n%s\nwant\n%s", seen, want)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM users"); n != 0 { // of a migrated database
		t.Errorf("there are %d users", n)
	}
}

func TestExecReportsHowTheProgramEnded(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"DATABASE_URL": pgtest.URL(t)})
	for command, want := range map[string]struct {
		code  int
		words string
	}{
		"sh -c exit${IFS}3":          {3, ""},
		"sh -c kill${IFS}-9${IFS}$$": {1, "killed"},
		"/nowhere/program":           {1, "/nowhere/program"},
	} {
		code, _, stderr := dev(t, append([]string{"exec"}, strings.Fields(command)...)...)
		if code != want.code || !strings.Contains(stderr, want.words) {
			t.Errorf("%s: exit status %d, want %d: %s", command, code, want.code, stderr)
		}
	}
}

func TestADatabaseThatIsOfNoUse(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"DATABASE_URL": "postgres://user:hunter2-canary@127.0.0.1:1/db"})
	code, _, stderr := dev(t, "exec", "touch", "ran")
	if code != 1 || !strings.Contains(stderr, "cannot reach the database server") || strings.Contains(stderr, "canary") {
		t.Errorf("exit status %d: %s", code, stderr)
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("the program was run")
	}
}

// served is dev serve in the background.
type served struct {
	stdout, stderr *output
	stop           context.CancelFunc
	code           chan int
}

func serveInBackground(t *testing.T) *served {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &served{stdout: newOutput(), stderr: newOutput(), stop: stop, code: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.code <- run(ctx, nil, s.stdout, s.stderr)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return s
}

// awaitReady returns what was printed on the start, once requests are answered.
func (s *served) awaitReady(t *testing.T) string {
	t.Helper()
	for text, where := range map[string]*output{"Stop with Ctrl-C": s.stdout, "msg=ready": s.stderr} {
		if !where.await(text) {
			t.Fatalf("%s does not come:\n%s\n%s", text, s.stdout, s.stderr)
		}
	}
	return s.stdout.String()
}

func (s *served) wantCode(t *testing.T, want int) {
	t.Helper()
	if code := <-s.code; code != want {
		t.Errorf("exit status %d, want %d:\n%s", code, want, s.stderr)
	}
}

// What is printed must work when it is pasted into a shell.
func TestTheCommandOnTheScreenWorks(t *testing.T) { //nolint:paralleltest // the environment is the process's
	ways := map[string]string{"our own stand-in": t.TempDir()}
	binary, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(binary, filepath.Join(ways["our own stand-in"], "curl")))
	if path, err := exec.LookPath("curl"); err == nil { // not every machine has one
		ways["the real one"] = filepath.Dir(path)
	}
	for name, folder := range ways {
		checkout(t, map[string]string{
			"DATABASE_URL": pgtest.URL(t), "PORT": "0", "PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1",
		})
		s := serveInBackground(t)
		screen := s.awaitReady(t)
		_, command, found := strings.Cut(screen, "Try it:\n")
		command, _, ended := strings.Cut(command, "  Stop with")
		if !found || !ended {
			t.Fatalf("there is no command on the screen:\n%s", screen)
		}
		shell := exec.CommandContext(t.Context(), "sh", "-c", command)
		shell.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
		answer, err := shell.CombinedOutput()
		if err != nil || !strings.Contains(string(answer), `"email":"ada-`) || !strings.Contains(string(answer), `"role":"user"`) {
			t.Errorf("with %s it prints %s (%v)", name, answer, err)
		}
		s.stop()
		s.wantCode(t, 0)
	}
}

func TestTheScreenNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	for docs, want := range map[bool]bool{true: true, false: false} {
		var screen bytes.Buffer
		addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
		welcome(&screen, config.Config{AppName: "Lilliput", DocsEnabled: docs})(addr)
		for _, text := range []string{"Lilliput is running", "API   http://127.0.0.1:4711\n"} {
			if !strings.Contains(screen.String(), text) {
				t.Errorf("it does not say %q:\n%s", text, &screen)
			}
		}
		if strings.Contains(screen.String(), "http://127.0.0.1:4711/api/docs") != want {
			t.Errorf("with docs %t the screen is\n%s", docs, &screen)
		}
	}
}

// Nothing but the binaries of PostgreSQL is needed. The database starts with the program, is shared by a second program
// and ends with the first; the data stays.
func TestWithoutADatabaseURL(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"PORT": "0", "PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1"})
	s := serveInBackground(t)
	screen := s.awaitReady(t)
	if code, _, stderr := dev(t, "exec", "sh", "-c", `printf %s "$DATABASE_URL" >url`); code != 0 {
		t.Fatalf("exit status %d beside a running server: %s", code, stderr)
	}
	stored, err := os.ReadFile("url")
	must(t, err)
	databaseURL := string(stored)
	response := post(t, apiOf(screen)+"/api/v1/auth/register", `{"email":"ada@example.com","password":"correct horse battery staple"}`)
	if response != http.StatusCreated {
		t.Errorf("registering answers %d", response)
	}
	const users = "SELECT count(*) FROM users"
	if n := pgtest.Value[int](t, databaseURL, users); n != 1 { // also: the second program did not end the server
		t.Errorf("there are %d users in the database of the second program, want 1", n)
	}
	pid := postmaster(t)
	s.stop()
	s.wantCode(t, 0)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the database server is still there (%v)", err)
	}

	again := serveInBackground(t)
	again.awaitReady(t)
	response = post(t, apiOf(again.stdout.String())+"/api/v1/auth/register", `{"email":"ada@example.com","password":"correct horse battery staple"}`)
	if response != http.StatusConflict {
		t.Errorf("registering again answers %d, as if the data were gone", response)
	}
	must(t, syscall.Kill(postmaster(t), syscall.SIGINT)) // the one that this test started
	again.wantCode(t, 1)
	if !strings.Contains(again.stderr.String(), "the embedded PostgreSQL has ended") {
		t.Errorf("it does not say why it ended:\n%s", again.stderr)
	}
}

func apiOf(screen string) string {
	_, base, _ := strings.Cut(screen, "API   ")
	base, _, _ = strings.Cut(base, "\n")
	return base
}

func post(t *testing.T, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	must(t, response.Body.Close())
	return response.StatusCode
}

// postmaster returns the process of the database server of this checkout.
func postmaster(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dataDir, "postgres", "*", "postmaster.pid"))
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v (%v)", found, err)
	}
	content, err := os.ReadFile(found[0])
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	return pid
}

// output is what a program wrote, and can be waited for.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{}
}

func newOutput() *output { return &output{written: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.written <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await reports whether the text was written within a minute.
func (o *output) await(text string) bool {
	overdue := time.After(time.Minute)
	for !strings.Contains(o.String(), text) {
		select {
		case <-o.written:
		case <-overdue:
			return false
		}
	}
	return true
}

// curl is as much of curl as the screen shows, for machines that have none.
func curl(args []string, stdout io.Writer) error {
	method, header, body, url := http.MethodGet, http.Header{}, "", ""
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-s":
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ": ")
			header.Set(name, value)
		case "-d":
			i++
			method, body = http.MethodPost, args[i]
		default:
			url = args[i]
		}
	}
	request, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body)) //nolint:gosec // G704: going where it is told is its purpose
	if err != nil {
		return err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request) //nolint:gosec // G704: see above
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	_, err = io.Copy(stdout, response.Body)
	return err
}
