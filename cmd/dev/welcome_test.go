package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

// served is dev serve in the background.
type served struct {
	stdout, stderr *servertest.Log
	stop           context.CancelFunc
	code           chan int
}

func serveInBackground(t *testing.T) *served {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &served{stdout: servertest.NewLog(), stderr: servertest.NewLog(), stop: stop, code: make(chan int, 1)}
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
	s.stdout.AwaitText(t, "Stop with Ctrl-C")
	s.stderr.AwaitText(t, "msg=ready")
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
