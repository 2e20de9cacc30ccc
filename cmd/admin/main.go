// Command admin is for operators: it creates and promotes administrators, seeds demo users, and
// generates and rotates the keys of access tokens. `admin help` lists all commands.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/cli"
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
` + keyfile.Usage +
	auditUsage + // scaffold:only audit
	`
Settings come from the environment, and in development from .env; docs/settings.md lists them.
`

func main() {
	os.Exit(run(cli.SignalContext(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Finish(explain(dispatch(ctx, args, stdin, stdout)), usage, stdout, stderr)
}

// explain adds the field errors or the cause to an error of the domain.
func explain(err error) error {
	domainError, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return err
	}
	if cause := errors.Unwrap(domainError); cause != nil {
		return fmt.Errorf("%w\n%w", err, cause)
	}
	if len(domainError.Fields) == 0 {
		return err
	}
	lines := make([]error, len(domainError.Fields))
	for i, field := range domainError.Fields {
		lines[i] = errors.New(strings.TrimPrefix(field.Pointer, "/") + ": " + field.Message)
	}
	return errors.Join(lines...)
}

func dispatch(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		return cli.ErrUsage
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
		return cli.ErrUsage
	}
}

// withUsers calls use with the service of users, on a database with the current schema.
func withUsers(ctx context.Context, use func(*domain.UserService, config.Config) error) error {
	cfg, err := config.Load(config.Options{DotEnv: ".env"})
	if err != nil {
		return err
	}
	store, err := open(ctx, cfg, "DATABASE_URL", cfg.DatabaseURL.Reveal())
	if err != nil {
		return err
	}
	defer store.Close()
	services, err := app.NewServices(cfg, store, nil, nil)
	if err != nil {
		return err
	}
	return use(services.Users, cfg)
}

// open opens the database at the URL of a setting, and checks its schema.
func open(ctx context.Context, cfg config.Config, setting, url string) (*pgstore.Store, error) {
	store, err := pgstore.Open(ctx, url, pgstore.Options{
		ApplicationName:   cfg.AppName + " admin",
		TransactionPooler: setting == "DATABASE_URL" && cfg.DatabasePooler == config.PoolerTransaction,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Origin(setting), err)
	}
	if err := store.CheckSchema(ctx); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}
