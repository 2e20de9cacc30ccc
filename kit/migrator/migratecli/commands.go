package migratecli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/pgkit"
)

func (p Program) up(ctx context.Context, args []string) error {
	flags := cli.NewFlags()
	anyOrder := flags.Bool("allow-out-of-order", false, "")
	if _, err := cli.ParseMixed(flags, args, 0); err != nil {
		return err
	}
	settings, m, err := p.open(migrator.Options{AllowOutOfOrder: *anyOrder})
	if err != nil {
		return err
	}
	moved, err := m.Up(ctx)
	p.list("applied", moved)
	if err != nil {
		return err
	}
	if err := p.grant(ctx, settings, m); err != nil {
		return err
	}
	return p.conclude(ctx, m)
}

// grant grants privileges to the role of the service, if that does not own the tables.
func (p Program) grant(ctx context.Context, settings Settings, m *migrator.Migrator) error {
	if settings.ServiceURL == "" {
		return nil
	}
	granted, err := m.GrantTo(ctx, settings.ServiceURL, p.Grants)
	switch {
	case errors.Is(err, pgkit.ErrDatabaseURL):
		return fmt.Errorf("%s: %w", settings.ServiceOrigin, err)
	case err != nil:
		return err
	case granted.Role == "":
	case len(granted.Exceeded) > 0:
		fmt.Fprintf(p.Stderr, "migrate: %s can change %s all the same, as a superuser or a member of the owner's "+
			"role\n", granted.Role, strings.Join(granted.Exceeded, ", "))
	default:
		p.printf("granted %s what the server needs\n", granted.Role)
	}
	return nil
}

func (p Program) down(ctx context.Context, args []string) error {
	flags := cli.NewFlags()
	all := flags.Bool("all", false, "")
	yes := flags.Bool("yes", false, "")
	others, err := cli.ParseMixed(flags, args, 1)
	if err != nil {
		return err
	}
	steps := 1
	if len(others) == 1 {
		if steps, err = strconv.Atoi(others[0]); err != nil || steps < 1 || *all {
			return cli.UsageError("down takes a number of migrations from 1, or --all")
		}
	}
	settings, m, err := p.open(migrator.Options{})
	if err != nil {
		return err
	}
	if settings.IsProduction && !*yes {
		return errors.New("ENVIRONMENT is production, or unset, and reverting a migration destroys data: " +
			"add --yes if you mean it")
	}
	var moved []migrator.Migration
	if *all {
		moved, err = m.DownAll(ctx)
	} else {
		moved, err = m.Down(ctx, steps)
	}
	p.list("reverted", moved)
	if err != nil {
		return err
	}
	return p.conclude(ctx, m)
}

func (p Program) list(verb string, moved []migrator.Migration) {
	for _, migration := range moved {
		p.printf("%s %s\n", verb, migration)
	}
}

// conclude prints the state of the schema after a move.
func (p Program) conclude(ctx context.Context, m *migrator.Migrator) error {
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	p.printf("%s\n", headline(s))
	return nil
}

// headline describes the state of the schema in a line.
func headline(s migrator.Status) string {
	switch pending, late := len(s.Pending()), s.OutOfOrder(); {
	case s.Dirty:
		return fmt.Sprintf("the schema is dirty at version %d: `migrate repair` explains what to do", s.Version)
	case len(s.Replaced()) > 0:
		return fmt.Sprintf("the schema is at version %d, older than the files of this program: see `migrate up`", s.Version)
	case len(late) > 0:
		return fmt.Sprintf("the schema is at version %d, but lacks older migrations: see `migrate up --help`",
			s.Version)
	case s.Version > s.Newest():
		return fmt.Sprintf("the schema is at version %d, newer than this program, which knows %d",
			s.Version, s.Newest())
	case pending > 0:
		return fmt.Sprintf("the schema is at version %d of %d, %d pending", s.Version, s.Newest(), pending)
	}
	return fmt.Sprintf("the schema is at version %d, the newest", s.Version)
}

func (p Program) status(ctx context.Context, args []string) error {
	if _, err := cli.ParseMixed(cli.NewFlags(), args, 0); err != nil {
		return err
	}
	_, m, err := p.open(migrator.Options{})
	if err != nil {
		return err
	}
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	p.printf("%s\n", headline(s))
	late := s.OutOfOrder()
	for _, migration := range s.Migrations {
		state := "pending"
		switch {
		case s.Dirty && migration.Version == s.Version:
			state = "dirty"
		case s.IsApplied(migration):
			state = "applied"
		case slices.Contains(late, migration):
			state = "missing"
		}
		p.printf("  %-8s %s\n", state, migration)
	}
	return nil
}

func (p Program) create(args []string) error {
	flags := cli.NewFlags()
	dir := flags.String("dir", "db/migrations", "")
	others, err := cli.ParseMixed(flags, args, 1)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return cli.UsageError("create needs the name of the migration")
	}
	paths, err := migrator.Create(*dir, others[0], time.Now())
	switch {
	case errors.Is(err, migrator.ErrName):
		return cli.UsageError(err.Error())
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: run this in the folder of the project, or give --dir", err)
	case err != nil:
		return err
	}
	for _, path := range paths {
		p.printf("created %s\n", path)
	}
	return nil
}
