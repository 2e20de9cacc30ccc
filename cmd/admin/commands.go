package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/keyfile"
)

const usage = `Usage: admin COMMAND

Commands:
  create [--promote | --reset-password] EMAIL
        Create an administrator with the password on the first line of standard input or, if there is none, a
        random one, which is printed. For an existing account it changes nothing, prints when and from where the
        account was used, and fails: anyone may have registered EMAIL.
        --promote makes the existing account an administrator with the password that it has, and ends its sessions.
        --reset-password makes it an administrator with the new password, and ends its sessions.
  seed  Create missing demo users. Existing accounts stay as they are. Refused in production.
  keys generate [--algorithm EdDSA|ES256|RS256] [--force] FILE
        Write new keys for access tokens to FILE (EdDSA unless given), which only its owner can read. --force
        replaces an existing FILE, as after a leak of it: all access tokens become invalid.
  keys rotate [--overlap DURATION] FILE
        Sign with the next key of FILE. The previous key verifies for the overlap, 48h unless given, which has to
        cover the roll-out and the life of an access token; 0 drops it, as after a leak of that key alone.
  keys list FILE
        Print the keys of FILE and their states, without secrets.
` +
	auditUsage + // scaffold:only audit
	`
Settings come from the environment, and in development from .env; docs/settings.md lists them.
`

// run returns the exit status: 0, 1 for a failure, 2 for an invalid command line.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, stdin, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case errors.Is(err, errUsage), errors.Is(err, keyfile.ErrUsage):
		fmt.Fprint(stderr, usage)
		return 2
	case err != nil:
		fmt.Fprintln(stderr, explain(err))
		return 1
	}
	return 0
}

var errUsage = errors.New("usage")

// explain adds the field errors or the cause to an error of the domain.
func explain(err error) string {
	domainError, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return err.Error()
	}
	if cause := errors.Unwrap(domainError); cause != nil {
		return err.Error() + "\n" + cause.Error()
	}
	if len(domainError.Fields) == 0 {
		return err.Error()
	}
	lines := make([]string, len(domainError.Fields))
	for i, field := range domainError.Fields {
		lines[i] = strings.TrimPrefix(field.Pointer, "/") + ": " + field.Message
	}
	return strings.Join(lines, "\n")
}

func dispatch(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch command, rest := args[0], args[1:]; command {
	case "create":
		return createCommand(ctx, rest, stdin, stdout)
	case "seed":
		return seedCommand(ctx, rest, stdout)
	case "keys":
		return keyfile.Run(rest, stdout, time.Now)
	// scaffold:begin audit
	case "audit":
		return audit(ctx, rest, stdout)
	// scaffold:end audit
	case "help", "-h", "--help":
		return flag.ErrHelp
	default:
		return errUsage
	}
}
