package migratecli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
)

func (p program) up(ctx context.Context, args []string) error {
	flags := newFlags()
	anyOrder := flags.Bool("allow-out-of-order", false, "")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	cfg, m, err := p.open(pgstore.MigratorOptions{AllowOutOfOrder: *anyOrder})
	if err != nil {
		return err
	}
	moved, err := m.Up(ctx)
	p.list("applied", moved)
	if err != nil {
		return err
	}
	if err := p.grant(ctx, cfg, m); err != nil {
		return err
	}
	return p.conclude(ctx, m)
}

// grant gives the server's role its rights, where another role migrates and we know of both.
func (p program) grant(ctx context.Context, cfg config.Config, m *pgstore.Migrator) error {
	if !cfg.MigrateDatabaseURL.IsSet() || !cfg.DatabaseURL.IsSet() {
		return nil
	}
	grant, err := m.GrantTo(ctx, cfg.DatabaseURL.Reveal())
	switch {
	case errors.Is(err, pgstore.ErrDatabaseURL):
		return fmt.Errorf("%s: %w", cfg.Origin("DATABASE_URL"), err)
	case err != nil:
		return err
	case grant.Role == "":
	case grant.IsSuperior:
		fmt.Fprintf(p.stderr, "migrate: %s can change audit events all the same, as a superuser or a member of the owner's role\n", grant.Role)
	default:
		p.printf("granted %s what the server needs\n", grant.Role)
	}
	return nil
}

func (p program) down(ctx context.Context, args []string) error {
	flags := newFlags()
	all := flags.Bool("all", false, "")
	yes := flags.Bool("yes", false, "")
	others, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	steps := 1
	if len(others) == 1 {
		if steps, err = strconv.Atoi(others[0]); err != nil || steps < 1 || *all {
			return usageError("down takes a number of migrations from 1, or --all")
		}
	}
	cfg, m, err := p.open(pgstore.MigratorOptions{})
	if err != nil {
		return err
	}
	if cfg.Environment == config.Production && !*yes {
		return errors.New("ENVIRONMENT is production, or unset, and reverting a migration destroys data: add --yes if you mean it")
	}
	var moved []pgstore.Migration
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

func (p program) list(verb string, moved []pgstore.Migration) {
	for _, migration := range moved {
		p.printf("%s %s\n", verb, migration)
	}
}

// conclude says where the schema stands after a move.
func (p program) conclude(ctx context.Context, m *pgstore.Migrator) error {
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	p.printf("%s\n", headline(s))
	return nil
}

// headline says where the schema stands, in a line.
func headline(s pgstore.SchemaStatus) string {
	switch pending, late := len(s.Pending()), s.OutOfOrder(); {
	case s.Dirty:
		return fmt.Sprintf("the schema is dirty at version %d: `migrate repair` explains what to do", s.Version)
	case len(late) > 0:
		return fmt.Sprintf("the schema is at version %d, but lacks older migrations: see `migrate up --help`", s.Version)
	case s.Version > s.Newest():
		return fmt.Sprintf("the schema is at version %d, newer than this program, which knows %d", s.Version, s.Newest())
	case pending > 0:
		return fmt.Sprintf("the schema is at version %d of %d, %d pending", s.Version, s.Newest(), pending)
	}
	return fmt.Sprintf("the schema is at version %d, the newest", s.Version)
}

func (p program) status(ctx context.Context, args []string) error {
	if _, err := parse(newFlags(), args, 0); err != nil {
		return err
	}
	_, m, err := p.open(pgstore.MigratorOptions{})
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

func (p program) create(args []string) error {
	flags := newFlags()
	dir := flags.String("dir", "db/migrations", "")
	others, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return usageError("create needs the name of the migration")
	}
	paths, err := pgstore.CreateMigration(*dir, others[0], time.Now())
	switch {
	case errors.Is(err, pgstore.ErrMigrationName):
		return usageError(err.Error())
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
