package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/idgen"
)

const auditUsage = `  audit prune --older-than DAYSd
        Remove older audit events, at least 2d old, and record the removal. Needs the role that owns the tables: that of
        MIGRATE_DATABASE_URL or, if that is not set, of DATABASE_URL.
`

// audit runs the subcommands of `admin audit`.
func audit(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 || args[0] != "prune" {
		return cli.ErrUsage
	}
	var age time.Duration
	flags := cli.NewFlags()
	flags.Func("older-than", "", func(text string) (err error) {
		age, err = cli.ParseDays(text)
		return err
	})
	if _, err := cli.Parse(flags, args[1:], 0); err != nil {
		return err
	}
	if age == 0 {
		return cli.ErrUsage
	}
	store, err := openAsOwner(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	service := domain.NewAuditService(store, idgen.New(time.Now, rand.Reader), time.Now, 0)
	pruned, before, err := service.PruneAuditEvents(ctx, age)
	if pruned > 0 || err == nil {
		fmt.Fprintf(stdout, "removed %d audit events from before %s\n", pruned, before.Format(time.RFC3339))
	}
	return err
}

// openAsOwner opens the store as the role that owns the tables, not through a pooler.
func openAsOwner(ctx context.Context) (*pgstore.Store, error) {
	cfg, err := config.Load(config.Options{
		DotEnv: ".env", Optional: []string{"DATABASE_URL", "JWT_SECRET", "JWT_KEYS_FILE"},
	})
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.MigrateDatabaseURL.IsSet():
		return open(ctx, cfg, "MIGRATE_DATABASE_URL", cfg.MigrateDatabaseURL.Reveal())
	case cfg.DatabaseURL.IsSet():
		return open(ctx, cfg, "DATABASE_URL", cfg.DatabaseURL.Reveal())
	}
	return nil, errors.New("DATABASE_URL is required, or MIGRATE_DATABASE_URL in its place")
}
