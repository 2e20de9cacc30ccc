package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
)

// withUsers calls use with the service of users, on a database with the current schema.
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
