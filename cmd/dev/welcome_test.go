package main

import (
	"context"
	"os"
	"os/exec"
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
		shell.Env = append(os.Environ(), "http_proxy=http://127.0.0.1:1",
			"HTTP_PROXY=http://127.0.0.1:1", "no_proxy=")
		answer, err := shell.CombinedOutput()
		return string(answer), err
	}
	answer, err := try()
	if err != nil || !strings.Contains(answer, `"email":"ada-`) || !strings.Contains(answer, `"role":"user"`) {
		t.Errorf("it prints %s (%v)", answer, err)
	}
	if answer, _ := try(); !strings.Contains(answer, "registering failed: ") ||
		!strings.Contains(answer, "rate_limited") {
		t.Errorf("a refusal prints %s", answer)
	}
	s.stop()
	s.wantCode(t, 0)
}
