package devrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// StatusError is the exit status of a program that [Exec] ran.
type StatusError int

// Error implements error.
func (s StatusError) Error() string { return "exit status " + strconv.Itoa(int(s)) }

// Exec runs a program with the streams of this process and with more variables in its environment.
// It fails with a [StatusError] if the program does. When ctx ends it sends SIGTERM; signals from
// the terminal reach the program directly.
func Exec(ctx context.Context, args []string, environ ...string) error {
	program := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // G204: the caller's choice
	program.Cancel = func() error {
		_ = program.Process.Signal(syscall.SIGTERM)
		return os.ErrProcessDone // so that Run returns the end of the program, not that of ctx
	}
	program.Env = append(os.Environ(), environ...) //nolint:forbidigo // passed on, not read
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := program.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return StatusError(exit.ExitCode())
	}
	return err
}

// Status returns the exit status of a command: 0 without an error, that of a [StatusError], or else
// 1 with the error printed.
func Status(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if status, ok := errors.AsType[StatusError](err); ok {
		return int(status) // the program has printed its error
	}
	fmt.Fprintln(stderr, err)
	return 1
}
