package main

import (
	"context"
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
