//go:build linux || darwin

package devdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// underWatch runs a command with the process id of the shell, next to a watchdog that interrupts
// it when the pipe on descriptor 3 is closed without a line: when the process at its other end has
// died. The command keeps descriptor 4, the lock of its folder, so that the lock is released by
// the last process of the server.
const underWatch = `( (read -r _ || kill -INT $$) <&3 3<&- 4<&- & ); exec "$@" 3<&-`

// Timeouts of a shutdown.
const (
	fastShutdown      = 30 * time.Second
	immediateShutdown = 5 * time.Second
)

// process is a direct child that does not outlive this process.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // valid once exited is closed
}

// spawn starts a program of PostgreSQL in the folder, its output in the log file.
func (f *folder) spawn(ctx context.Context, program string, args ...string) (*process, error) {
	output, err := os.OpenFile(f.path(logFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the server's log: %w", err)
	}
	defer output.Close() //nolint:errcheck // only the child writes to it
	watched, alive, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("creating the watchdog's pipe: %w", err)
	}
	defer watched.Close() //nolint:errcheck // the read end belongs to the child

	// The context bounds the start, not the server.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", //nolint:gosec // programs that this package found
		append([]string{"-c", underWatch, "sh", program}, args...)...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{watched, f.lock}
	cmd.Dir = "/" // the account may not be able to enter the working directory
	cmd.Env = toolEnv()
	cmd.SysProcAttr = f.account.attributes()
	if err := cmd.Start(); err != nil {
		_ = alive.Close()
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		// A line stops the watchdog: another process may get the process id now.
		_, _ = alive.WriteString("over\n")
		_ = alive.Close()
		close(p.exited)
	}()
	return p, nil
}

// toolEnv is the environment of PostgreSQL's programs: PG* variables and locales of the machine
// must not leak into the cluster.
func toolEnv() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

// wait waits for the end of the process. It interrupts the process when ctx ends.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.stop())
	}
}

// stop shuts the server down fast: it disconnects sessions and keeps commits. An error means that
// the server had to be killed.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGINT) // fails only if it has ended
	select {
	case <-p.exited:
		return nil
	case <-time.After(fastShutdown):
	}
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.exited:
		return errors.New("the server did not shut down in time: stopped at once, it will recover on the next start")
	case <-time.After(immediateShutdown):
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.exited
	return errors.New("the server did not shut down at all: killed, it will recover on the next start")
}
