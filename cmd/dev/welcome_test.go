package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgtest"
)

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
	select {
	case code := <-s.code:
		if code != want {
			t.Errorf("exit status %d, want %d:\n%s", code, want, s.stderr)
		}
	case <-time.After(time.Minute):
		t.Fatalf("it does not stop:\n%s", s.stderr)
	}
}

// writes keeps what it is given, each by itself.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

// The log goes to the same terminal, from another goroutine.
func TestTheWelcomeIsNotInterrupted(t *testing.T) {
	t.Parallel()
	var seen writes
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8000}
	welcome(&seen, development{cfg: config.Config{AppName: "Plinth", DocsEnabled: true}}, address, address)
	if len(seen) != 1 || !strings.Contains(seen[0], "Docs") || !strings.Contains(seen[0], "Metrics") ||
		!strings.Contains(seen[0], "Ctrl-C") {
		t.Errorf("it is written in %d pieces: %q", len(seen), []string(seen))
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
			"DATABASE_URL": pgtest.URL(t), "PORT": "0", "PASSWORD_HASH_MEMORY_KIB": "64",
			"PASSWORD_HASH_ITERATIONS": "1",
			"RATE_LIMIT_DISCLOSING":    "1/1h",
		})
		s := serveInBackground(t)
		screen := s.awaitReady(t)
		_, command, found := strings.Cut(screen, "Try it:\n")
		command, _, ended := strings.Cut(command, "  Stop with")
		if !found || !ended {
			t.Fatalf("there is no command on the screen:\n%s", screen)
		}
		try := func() (string, error) {
			shell := exec.CommandContext(t.Context(), "sh", "-c", command)
			// A proxy that knows nothing of this machine, as companies have.
			shell.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "http_proxy=http://127.0.0.1:1",
				"HTTP_PROXY=http://127.0.0.1:1", "no_proxy=")
			answer, err := shell.CombinedOutput()
			return string(answer), err
		}
		answer, err := try()
		if err != nil || !strings.Contains(answer, `"email":"ada-`) || !strings.Contains(answer, `"role":"user"`) {
			t.Errorf("with %s it prints %s (%v)", name, answer, err)
		}
		if answer, _ := try(); !strings.Contains(answer, "registering failed: ") ||
			!strings.Contains(answer, "rate_limited") {
			t.Errorf("with %s a refusal prints %s", name, answer)
		}
		s.stop()
		s.wantCode(t, 0)
	}
}

func TestTheScreenSaysWhereDataStays(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	must(t, err)
	for data, want := range map[string]string{
		"":                                       "Data stays in the database of DATABASE_URL.",
		filepath.Join(here, ".data", "postgres"): "Data stays in .data/postgres.",
		"/var/cache/plinth/root/x":               "Data stays in /var/cache/plinth/root/x.",
	} {
		var screen bytes.Buffer
		welcome(&screen, development{data: data}, &net.TCPAddr{}, nil)
		if !strings.Contains(screen.String(), want) {
			t.Errorf("with the data in %q the screen is\n%s", data, &screen)
		}
	}
}

func TestTheScreenNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	for docs, want := range map[bool]bool{true: true, false: false} {
		var screen bytes.Buffer
		addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
		var metrics net.Addr
		if docs {
			metrics = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4712}
		}
		welcome(&screen, development{cfg: config.Config{AppName: "Lilliput", DocsEnabled: docs}}, addr, metrics)
		for _, text := range []string{"Lilliput is running", "API      http://127.0.0.1:4711\n"} {
			if !strings.Contains(screen.String(), text) {
				t.Errorf("it does not say %q:\n%s", text, &screen)
			}
		}
		if strings.Contains(screen.String(), "http://127.0.0.1:4712/metrics") != want {
			t.Errorf("with metrics %t the screen is\n%s", docs, &screen)
		}
		if strings.Contains(screen.String(), "http://127.0.0.1:4711/api/docs") != want {
			t.Errorf("with docs %t the screen is\n%s", docs, &screen)
		}
	}
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
		case "-sS":
		case "--noproxy":
			i++
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
	content := strings.NewReader(body)
	ctx := context.Background()
	request, err := http.NewRequestWithContext(ctx, method, url, content) //nolint:gosec // G704: a curl
	if err != nil {
		return err
	}
	request.Header = header
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request) //nolint:gosec // G704: see above
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	_, err = io.Copy(stdout, response.Body)
	return err
}
