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

// patience is what anything may take that is sure to happen, on a busy machine.
const patience = time.Minute

// underWatch runs a command under the shell's own process id, next to a watchdog that ends it when the pipe on descriptor
// 3 ends without a word: when this test binary is gone, however it went.
const underWatch = `( (read -r _ || kill -TERM $$) <&3 3<&- >/dev/null 2>&1 & ); exec "$@" 3<&-`

// process is a child, with what it wrote to standard error and output.
type process struct {
	cmd    *exec.Cmd
	output *output
	exited chan struct{}
	end    time.Time // valid once exited is closed
}

type processOpts struct {
	env    []string
	stderr io.Writer // in place of the output that is kept
}

// spawn starts a program. It is killed when the test ends, if it is still there.
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
	defer watched.Close() //nolint:errcheck // the child has one of its own
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

// kill is kill -9, and returns when the process is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// terminate is what an orchestrator does first.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// wait returns the exit status, -1 for one that was killed.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(2 * patience):
		t.Fatalf("%s does not end:\n%s", p.cmd, p.output)
		return 0
	}
}

// stop ends the process in good order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.terminate(t)
	if code := p.wait(t); code != 0 {
		t.Errorf("exit status %d:\n%s", code, p.output)
	}
}

// await returns when the process has said something.
func (p *process) await(t *testing.T, text string) {
	t.Helper()
	overdue := time.After(patience)
	for !strings.Contains(p.output.String(), text) {
		select {
		case <-p.output.news:
		case <-p.exited:
			if !strings.Contains(p.output.String(), text) {
				t.Fatalf("it ended without saying %q:\n%s", text, p.output)
			}
		case <-overdue:
			t.Fatalf("it does not say %q:\n%s", text, p.output)
		}
	}
}

// output is what a process wrote.
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
	defer listener.Close()                                   //nolint:errcheck // it was never used
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // asked for tcp
}

// folder is a new one that other users, as which servers of root run, may enter.
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
