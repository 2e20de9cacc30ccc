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

// underWatch runs a command under the shell's own process id, next to a watchdog
// that interrupts it when the pipe on descriptor 3 ends without a word: when the
// process that holds its other end is gone, however it went. The command keeps
// descriptor 4, the lock of its folder, so that the lock is free again only when
// the last process of the server has ended.
const underWatch = `( (read -r _ || kill -INT $$) <&3 3<&- 4<&- & ); exec "$@" 3<&-`

// Limits on how long a server may take to obey a signal.
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

	// The caller's context bounds the start, not the life of the server.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", //nolint:gosec // the programs are those that we looked up
		append([]string{"-c", underWatch, "sh", program}, args...)...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{watched, f.lock}
	cmd.Dir = "/" // the account may not be able to enter ours
	cmd.Env = toolEnv()
	cmd.SysProcAttr = f.account.attributes()
	if err := cmd.Start(); err != nil {
		_ = alive.Close()
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		// A word before the end calls the watchdog off: the process id is free for others now.
		_, _ = alive.WriteString("over\n")
		_ = alive.Close()
		close(p.exited)
	}()
	return p, nil
}

// toolEnv is all that PostgreSQL's programs see of the environment: PG* variables
// and locales of the machine must not leak into the cluster.
func toolEnv() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

// wait returns how the process ended, after interrupting it if ctx ends first.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.stop())
	}
}

// stop ends the server: sessions are cut off, what they committed is kept. An
// error means that it took more force than that.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGINT) // fails only when it is gone already
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
