package main

import (
	"context"
	"io"

	"example.com/plinth/db"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/devdb"
	"example.com/plinth/kit/devrun"
	"example.com/plinth/kit/telemetry"
)

const (
	dataDir      = ".data"
	clusterDir   = dataDir + "/postgres"
	databaseName = "plinth"
)

// development is what a command works with.
type development struct {
	cfg config.Config
	// data is the folder of the embedded database; empty if DATABASE_URL names another database.
	data string
}

// withDatabase calls use with the settings of development and a running database. It does not
// migrate.
func withDatabase(ctx context.Context, stderr io.Writer, use func(context.Context, development) error) error {
	cfg, options, err := load()
	if err != nil {
		return err
	}
	if cfg.DatabaseURL.IsSet() {
		return use(ctx, development{cfg: cfg})
	}
	database := devdb.Options{
		Dir: clusterDir, Extensions: db.Extensions(), BinDir: cfg.PostgresBin, Repository: cfg.PostgresMirror.Reveal(),
		Log: telemetry.NewLogger(stderr, telemetry.LoggerOptions{Level: cfg.LogLevel, Format: cfg.LogFormat}),
	}
	return devrun.WithDatabase(ctx, database, databaseName, func(ctx context.Context, server *devdb.Server) error {
		options.Fallbacks["DATABASE_URL"] = server.URL(databaseName)
		cfg, err := config.Load(options)
		if err != nil {
			return err
		}
		return use(ctx, development{cfg: cfg, data: server.Dir()})
	})
}
