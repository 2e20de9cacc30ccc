package migratecli

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
)

const help = `migrate moves the database schema between versions, and says where it stands.

Usage:
  migrate up [--allow-out-of-order]      apply all pending migrations
  migrate down [N] [--all] [--yes]       revert the last migration, the last N, or all
  migrate status                         print the version, and what is applied and pending
  migrate create NAME [--dir FOLDER]     write the two files of a new migration, named like add_phone_to_users and
                                         ordered by the time in UTC; FOLDER is db/migrations unless given
  migrate repair [--version N] [--yes]   explain a dirty schema, and note at which version it really is

A branch that is merged late may bring a migration that is older than the newest applied one. up refuses it,
because that order is untested: give its files a newer version, or use --allow-out-of-order where other databases have it.

In production down and repair need --yes. Elsewhere repair asks, unless --yes is given.

The database is that of MIGRATE_DATABASE_URL or, if that is not set, of DATABASE_URL. If both are set and their users differ,
up also grants the user of DATABASE_URL, which must exist, what the server needs, and takes away what else it had: it can
change neither tables nor audit events. The URLs are read from the environment or, with ENVIRONMENT=development there,
from the file .env. An unset ENVIRONMENT means production. Parameters of the URL can change what bounds a migration:
lock_timeout (5s unless given), statement_timeout (1h), idle_in_transaction_session_timeout (1min).
Several processes may migrate at once: one does, the others wait.

Exit codes: 0 done, or nothing to do; 1 failed or not confirmed; 2 wrong usage.
`

// The exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
)

// usageError says what is wrong with the command line.
type usageError string

// Error returns the text.
func (e usageError) Error() string { return string(e) }

// program is the command with all that it touches.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	load           func(config.Options) (config.Config, error)
	// files holds the migrations; nil means those that the program was built with.
	files fs.FS
}

// run executes the command line, without the program's name, and returns the exit code.
func (p program) run(ctx context.Context, args []string) int {
	err := p.dispatch(ctx, args)
	_, wrongUsage := errors.AsType[usageError](err)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		p.printf("%s", help)
		return exitOK
	case wrongUsage:
		fmt.Fprintf(p.stderr, "migrate: %v\n\n%s", err, help)
		return exitUsage
	}
	fmt.Fprintf(p.stderr, "migrate: %v\n", err)
	return exitFailed
}

func (p program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError("say what to do")
	}
	name, args := args[0], args[1:]
	switch name {
	case "up":
		return p.up(ctx, args)
	case "down":
		return p.down(ctx, args)
	case "status":
		return p.status(ctx, args)
	case "create":
		return p.create(args)
	case "repair":
		return p.repair(ctx, args)
	case "help", "-h", "-help", "--help":
		return flag.ErrHelp
	}
	return usageError(fmt.Sprintf("there is no command %q", name))
}

// newFlags returns an empty set of flags that prints nothing by itself.
func newFlags() *flag.FlagSet {
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// parse reads flags wherever they stand, and returns the other arguments, of which there may be most at most.
func parse(flags *flag.FlagSet, args []string, most int) ([]string, error) {
	var others []string
	for {
		err := flags.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, usageError(err.Error())
		case flags.NArg() == 0:
			return others, nil
		case len(others) == most:
			return nil, usageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
		}
		others = append(others, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// open reads the settings and prepares a Migrator.
func (p program) open(options pgstore.MigratorOptions) (config.Config, *pgstore.Migrator, error) {
	cfg, err := p.load(config.Options{DotEnv: ".env", Optional: []string{"JWT_SECRET", "JWT_KEYS_FILE", "DATABASE_URL"}})
	if err != nil {
		return config.Config{}, nil, err
	}
	name, databaseURL, err := direct(cfg)
	if err != nil {
		return config.Config{}, nil, err
	}
	options.Files = p.files
	m, err := pgstore.NewMigrator(databaseURL.Reveal(), options)
	if errors.Is(err, pgstore.ErrDatabaseURL) {
		err = fmt.Errorf("%s: %w", cfg.Origin(name), err)
	}
	return cfg, m, err
}

// direct returns the URL to migrate with and the name of its setting. It must not lead through a pooler of transactions:
// migrations hold a lock of their session, and such a pooler would give that session, lock and all, to another client.
func direct(cfg config.Config) (name string, databaseURL config.URL, err error) {
	problem := config.Problem{Name: "DATABASE_URL", Detail: "is required, or MIGRATE_DATABASE_URL in its place"}
	switch {
	case cfg.MigrateDatabaseURL.IsSet():
		return "MIGRATE_DATABASE_URL", cfg.MigrateDatabaseURL, nil
	case cfg.DatabasePooler == config.PoolerTransaction:
		problem = config.Problem{Name: "MIGRATE_DATABASE_URL", Detail: "is required, to connect past the pooler, as " +
			"DATABASE_POOLER is " + cfg.DatabasePooler}
	case cfg.DatabaseURL.IsSet():
		return "DATABASE_URL", cfg.DatabaseURL, nil
	}
	return "", config.URL{}, &config.Error{Problems: []config.Problem{problem}}
}

func (p program) printf(format string, args ...any) { fmt.Fprintf(p.stdout, format, args...) }

// confirm asks a question and reports whether the answer is yes. The end of ctx means no.
func (p program) confirm(ctx context.Context, question string) bool {
	p.printf("%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // it may never return, like the terminal that it reads from
		line, _ := bufio.NewReader(p.stdin).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false
	case text := <-answer:
		return text == "y" || text == "yes"
	}
}
