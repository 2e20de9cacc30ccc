//go:build faults

package faults_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is the timeout for events that are certain to happen, on a busy machine.
const patience = time.Minute

// underWatch runs a command with the shell's process id, beside a watchdog that terminates it when
// the pipe on descriptor 3 closes without a message, because this test binary exited.
const underWatch = `( (read -r _ || kill -TERM $$) <&3 3<&- >/dev/null 2>&1 & ); exec "$@" 3<&-`

// process is a child process with its output.
type process struct {
	cmd    *exec.Cmd
	output *output
	exited chan struct{}
	end    time.Time // valid once exited is closed
}

type processOpts struct {
	env    []string
	stderr io.Writer // replaces output for standard error
}

// spawn starts a program and kills it at the end of the test.
func spawn(t *testing.T, opts processOpts, program string, args ...string) *process {
	t.Helper()
	p, err := newProcess(context.WithoutCancel(t.Context()), opts, program, args...)
	must(t, err)
	t.Cleanup(p.kill)
	return p
}

func newProcess(ctx context.Context, opts processOpts, program string, args ...string) (*process, error) {
	watched, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer watched.Close() //nolint:errcheck // the child has its own copy
	p := &process{output: newOutput(), exited: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", underWatch, "sh", program}, args...)...)
	p.cmd.Env, p.cmd.Dir, p.cmd.ExtraFiles = opts.env, os.TempDir(), []*os.File{watched}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	if opts.stderr != nil {
		p.cmd.Stderr = opts.stderr
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		p.end = time.Now()
		_, _ = alive.WriteString("over\n")
		_ = alive.Close()
		close(p.exited)
	}()
	return p, nil
}

// kill sends SIGKILL and waits for the process.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// terminate sends SIGTERM, as an orchestrator does first.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// wait returns the exit status, -1 for a killed process.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(2 * patience):
		t.Fatalf("%s does not exit:\n%s", p.cmd, p.output)
		return 0
	}
}

// stop terminates the process and checks that its exit status is 0.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.terminate(t)
	if code := p.wait(t); code != 0 {
		t.Errorf("exit status %d:\n%s", code, p.output)
	}
}

// await waits until the output contains text.
func (p *process) await(t *testing.T, text string) {
	t.Helper()
	overdue := time.After(patience)
	for !strings.Contains(p.output.String(), text) {
		select {
		case <-p.output.news:
		case <-p.exited:
			if !strings.Contains(p.output.String(), text) {
				t.Fatalf("exited without output %q:\n%s", text, p.output)
			}
		case <-overdue:
			t.Fatalf("no output %q:\n%s", text, p.output)
		}
	}
}

// output collects the output of a process.
type output struct {
	mu   sync.Mutex
	text strings.Builder
	news chan struct{}
}

func newOutput() *output { return &output{news: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.news <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// freePort returns a free port of this machine.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()                                   //nolint:errcheck // never used
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // a TCP listener
}

// folder returns a temporary folder that other users can access, because servers started by root
// run as another user.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // G302: see above
	must(t, os.Chmod(dir, 0o755))               //nolint:gosec // G302: see above
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
