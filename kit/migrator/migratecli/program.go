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

	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/pgkit"
)

const help = `migrate moves the database schema between versions, and prints its state.

Usage:
  migrate up [--allow-out-of-order]      apply all pending migrations
  migrate down [N] [--all] [--yes]       revert the last migration, the last N, or all
  migrate status                         print the version, and what is applied and pending
  migrate create NAME [--dir FOLDER]     write the two files of a new migration, named like add_phone_to_users and
                                         ordered by the time in UTC; FOLDER is db/migrations unless given
  migrate repair [--version N] [--yes]   explain a dirty schema, and record its true version

A branch that is merged late may bring a migration that is older than the newest applied one. up
rejects it, because that order is untested: give its files a newer version, or use
--allow-out-of-order where other databases have it.

In production down and repair need --yes. Elsewhere repair asks, unless --yes is given.

The database is that of MIGRATE_DATABASE_URL or, if that is not set, of DATABASE_URL. If both are set
and their users differ, up also grants the user of DATABASE_URL, which must exist, what the server
needs, and revokes its other privileges: it can change rows, but no tables, and no rows that are
append-only. The URLs are read from the environment or, with ENVIRONMENT=development there, from the
file .env. An unset ENVIRONMENT means production. Parameters of the URL can change the limits of a
migration: lock_timeout (5s unless given), statement_timeout (1h),
idle_in_transaction_session_timeout (1min). Several processes may migrate at once: one does, the
others wait.

Exit codes: 0 done, or nothing to do; 1 failed or not confirmed; 2 wrong usage.
`

// Settings are those that the command needs.
type Settings struct {
	// DatabaseURL is where migrations connect. It must not lead through a pooler of transactions,
	// which would lend the session with its lock to another client. Origin names its setting in
	// errors.
	DatabaseURL, Origin string
	// ServiceURL is where the service connects. If its role is another one, up grants it
	// privileges. It may be empty. ServiceOrigin names its setting in errors.
	ServiceURL, ServiceOrigin string
	// IsProduction makes down and repair need --yes.
	IsProduction bool
}

// Program is the command. All fields are required.
type Program struct {
	// Files has the migrations at its top.
	Files fs.FS
	// Grants are the privileges of the service's role.
	Grants migrator.Grants
	// Load reads the settings. Commands that need no database do not call it.
	Load           func() (Settings, error)
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run executes the command line, without the name of the program, and returns the exit code.
func (p Program) Run(ctx context.Context, args []string) int {
	err := p.dispatch(ctx, args)
	if err != nil {
		err = fmt.Errorf("migrate: %w", err)
	}
	return cli.Finish(err, help, p.Stdout, p.Stderr)
}

func (p Program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return cli.UsageError("say what to do")
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
	return cli.UsageError(fmt.Sprintf("there is no command %q", name))
}

// open reads the settings and returns a Migrator.
func (p Program) open(options migrator.Options) (Settings, *migrator.Migrator, error) {
	settings, err := p.Load()
	if err != nil {
		return Settings{}, nil, err
	}
	m, err := migrator.New(settings.DatabaseURL, p.Files, options)
	if errors.Is(err, pgkit.ErrDatabaseURL) {
		err = fmt.Errorf("%s: %w", settings.Origin, err)
	}
	return settings, m, err
}

func (p Program) printf(format string, args ...any) { fmt.Fprintf(p.Stdout, format, args...) }

// confirm asks a question and reports whether the answer is yes. If ctx ends, the answer is no.
func (p Program) confirm(ctx context.Context, question string) bool {
	p.printf("%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // reading from a terminal cannot be canceled
		line, _ := bufio.NewReader(p.Stdin).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false
	case text := <-answer:
		return text == "y" || text == "yes"
	}
}
