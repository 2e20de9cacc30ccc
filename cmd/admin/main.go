// Command admin is for operators: it creates and promotes administrators, seeds demo users, makes
// and rotates the keys of access tokens, and prunes the audit log.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
)

const usage = `Usage: admin COMMAND

Commands:
  create [--promote | --reset-password] EMAIL
        Create an administrator with the password on the first line of standard input or, if there is none, a random one,
        which is printed. On an existing account it changes nothing, prints when and by whom the account was used, and
        fails: anyone can have registered EMAIL.
        --promote makes the existing account an administrator with the password that it has, and ends its sessions.
        --reset-password makes it an administrator with the new password, and ends its sessions.
  seed  Create the demo users that are missing, and leave existing accounts alone. Refused in production.
  keys generate [--algorithm EdDSA|ES256|RS256] [--force] FILE
        Write new keys for access tokens to FILE (EdDSA unless given), which only its owner can read. With --force a FILE
        that exists is replaced, as after a leak of it: all access tokens end.
  keys rotate [--overlap DURATION] FILE
        Sign with the next key of FILE. The key so far verifies for the overlap, 48h unless given, which has to cover the
        roll-out and the life of an access token; 0 drops it, as after a leak of that key alone.
  keys list FILE
        Print which keys FILE holds, and what each is for. Nothing that is secret is printed.
  audit prune --older-than DAYSd
        Remove the audit events that are older, 2d at least, and record that. Needs the role that owns the tables: that of
        MIGRATE_DATABASE_URL or, if that is not set, of DATABASE_URL.

Settings come from the environment, and in development from .env; docs/settings.md lists them.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for a failure, 2 for a command line that makes no sense.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, stdin, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprint(stderr, usage)
		return 2
	case err != nil:
		fmt.Fprintln(stderr, explain(err))
		return 1
	}
	return 0
}

var errUsage = errors.New("usage")

// explain adds to the domain's words what the caller of an API would get as a list, and the cause,
// which operators want to know.
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
		if len(rest) > 0 {
			return errUsage
		}
		return withUsers(ctx, func(users *domain.UserService, cfg config.Config) error {
			return seed(ctx, users, cfg.Environment, stdout)
		})
	case "keys":
		return keys(rest, stdout)
	case "audit":
		return audit(ctx, rest, stdout)
	case "help", "-h", "--help":
		return flag.ErrHelp
	default:
		return errUsage
	}
}

func withUsers(ctx context.Context, use func(*domain.UserService, config.Config) error) error {
	cfg, err := config.Load(config.Options{DotEnv: ".env"})
	if err != nil {
		return err
	}
	store, err := pgstore.Open(ctx, cfg.DatabaseURL.Reveal(), pgstore.Options{
		ApplicationName: cfg.AppName + " admin", TransactionPooler: cfg.DatabasePooler == config.PoolerTransaction,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", cfg.Origin("DATABASE_URL"), err)
	}
	defer store.Close()
	if err := store.CheckSchema(ctx); err != nil {
		return err
	}
	services, err := app.NewServices(cfg, store, nil)
	if err != nil {
		return err
	}
	return use(services.Users, cfg)
}

// demoPassword is public, which is why seeding is refused in production.
const demoPassword = "demo-account-on-a-laptop"

func seed(ctx context.Context, users *domain.UserService, environment config.Environment, stdout io.Writer) error {
	if environment == config.Production {
		return errors.New("demo users have a password that everybody knows: not in production")
	}
	name := func(s string) *string { return &s }
	for _, demo := range []struct {
		email string
		name  *string
		role  domain.Role
	}{
		{"admin@example.com", name("Grace Hopper"), domain.RoleAdmin},
		{"ada@example.com", name("Ada Lovelace"), domain.RoleUser},
		{"anonymous@example.com", nil, domain.RoleUser},
	} {
		outcome := "created, password: " + demoPassword
		_, err := users.CreateUser(ctx, demo.email, demoPassword, demo.name, demo.role)
		if errors.Is(err, domain.ErrEmailTaken) {
			outcome, err = "exists already, not changed", nil
		}
		if err != nil {
			return fmt.Errorf("seeding %s: %w", demo.email, err)
		}
		fmt.Fprintf(stdout, "%s: %s\n", demo.email, outcome)
	}
	return nil
}
