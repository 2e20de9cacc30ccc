package main

import (
	"context"
	"errors"
	"io"

	"example.com/plinth/db"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/devdb"
	"example.com/plinth/kit/devrun"
	"example.com/plinth/kit/telemetry"
)

// secretFile has the secret of this checkout.
const secretFile = dataDir + "/jwt_secret"

// load reads the settings of development, and returns the options that it used.
func load() (config.Config, config.Options, error) {
	fallbacks, err := developmentDefaults()
	if err != nil {
		return config.Config{}, config.Options{}, err
	}
	options := config.Options{DotEnv: ".env", Fallbacks: fallbacks, Optional: []string{"DATABASE_URL"}}
	cfg, err := config.Load(options)
	if err == nil && cfg.Environment != config.Development {
		err = errors.New("dev is for development only, and ENVIRONMENT is " + string(cfg.Environment) + ": run server")
	}
	return cfg, options, err
}

// developmentDefaults are settings for development only. The first run generates the secret.
func developmentDefaults() (map[string]string, error) {
	secret, err := devrun.Secret(secretFile)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"ENVIRONMENT":  string(config.Development),
		"JWT_SECRET":   secret,
		"LOG_FORMAT":   "text",
		"CORS_ORIGINS": "http://localhost:3000,http://localhost:5173",
	}, nil
}

func printConfig(stdout io.Writer) error {
	cfg, _, err := load()
	if err != nil {
		return err
	}
	return cfg.Print(stdout)
}

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
