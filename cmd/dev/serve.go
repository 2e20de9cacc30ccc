package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/devrun"
	"example.com/plinth/kit/pgkit"
)

// serve starts the database, migrates it and serves. It checks the port first.
func serve(ctx context.Context, stdout, stderr io.Writer) error {
	cfg, _, err := load()
	if err != nil {
		return err
	}
	if err := checkPort(ctx, cfg); err != nil {
		return err
	}
	return withDatabase(ctx, stderr, func(ctx context.Context, dev development) error {
		err := pgstore.Migrate(ctx, dev.cfg.DatabaseURL.Reveal())
		if errors.Is(err, pgkit.ErrDatabaseURL) {
			return fmt.Errorf("%s: %w", dev.cfg.Origin("DATABASE_URL"), err)
		}
		if err != nil {
			return err
		}
		var metrics net.Addr
		return app.Run(ctx, dev.cfg, app.Options{
			Log:         stderr,
			OnMetrics:   func(addr net.Addr) { metrics = addr },
			OnListening: func(addr net.Addr) { welcome(stdout, dev, addr, metrics) },
		})
	})
}

func checkPort(ctx context.Context, cfg config.Config) error {
	err := devrun.CheckPort(ctx, cfg.Host, cfg.Port)
	if errors.Is(err, devrun.ErrPortTaken) {
		return fmt.Errorf("port %d is taken: stop what listens there (lsof -i :%[1]d), or choose another: "+
			"PORT=%d make run", cfg.Port, cfg.Port+1)
	}
	if err != nil {
		return fmt.Errorf("HOST and PORT: %w", err)
	}
	return nil
}
