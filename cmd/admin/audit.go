package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/idgen"
)

const auditUsage = `  audit prune --older-than DAYSd
        Remove older audit events, at least 2d old, and record the removal. Needs the role that owns the tables: that of
        MIGRATE_DATABASE_URL or, if that is not set, of DATABASE_URL.
`

// audit runs the subcommands of `admin audit`.
func audit(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 || args[0] != "prune" {
		return errUsage
	}
	flags := flag.NewFlagSet("prune", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var age time.Duration
	flags.Func("older-than", "", func(text string) (err error) {
		age, err = parseDays(text)
		return err
	})
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 || age == 0 {
		return errors.Join(err, errUsage)
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

// parseDays parses a number of days such as 365d.
func parseDays(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(text, "d")
	n, err := strconv.ParseUint(days, 10, 16)
	if !ok || err != nil {
		return 0, errors.New("want a number of days such as 365d")
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// openAsOwner opens the store as the role that owns the tables, not through a pooler.
func openAsOwner(ctx context.Context) (*pgstore.Store, error) {
	cfg, err := config.Load(config.Options{
		DotEnv: ".env", Optional: []string{"DATABASE_URL", "JWT_SECRET", "JWT_KEYS_FILE"},
	})
	if err != nil {
		return nil, err
	}
	options := pgstore.Options{ApplicationName: cfg.AppName + " admin"}
	name, url := "MIGRATE_DATABASE_URL", cfg.MigrateDatabaseURL
	if !url.IsSet() {
		name = "DATABASE_URL"
		url, options.TransactionPooler = cfg.DatabaseURL, cfg.DatabasePooler == config.PoolerTransaction
	}
	if !url.IsSet() {
		return nil, errors.New("DATABASE_URL is required, or MIGRATE_DATABASE_URL in its place")
	}
	store, err := pgstore.Open(ctx, url.Reveal(), options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Origin(name), err)
	}
	if err := store.CheckSchema(ctx); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}
