// Command dev runs the API for development with nothing to install: it starts a private PostgreSQL
// unless DATABASE_URL names one, migrates it, generates secrets, and serves. It must not be
// deployed.
package main

import (
	"context"
	_ "embed" // for the texts
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"

	"example.com/plinth/db"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/devdb"
	"example.com/plinth/kit/devrun"
	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/telemetry"
)

func main() {
	os.Exit(run(cli.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}

const (
	dataDir      = ".data"
	secretFile   = dataDir + "/jwt_secret"
	clusterDir   = dataDir + "/postgres"
	mailDir      = dataDir + "/mail"
	databaseName = "plinth"
)

//go:embed usage.txt
var usage string

// tryIt works in any POSIX shell. It prints a response without a token as it is, and bypasses
// proxies.
//
//go:embed try.txt
var tryIt string

// run returns the exit status: 0, 1 for a failure, 2 for an invalid command line, or that of the
// program of exec.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var err error
	switch {
	case command == "serve" && len(args) == 0:
		err = serve(ctx, stdout, stderr)
	case command == "exec" && len(args) > 0:
		// It does not migrate, because the program may be the one that migrates or repairs.
		err = withDatabase(ctx, stderr, func(ctx context.Context, cfg config.Config, _ string) error {
			return devrun.Exec(ctx, args, "ENVIRONMENT="+string(cfg.Environment),
				"DATABASE_URL="+cfg.DatabaseURL.Reveal(), "JWT_SECRET="+cfg.JWTSecret.Reveal(), "MAIL_DIR="+cfg.MailDir)
		})
	case command == "config" && len(args) == 0:
		var cfg config.Config
		if cfg, _, err = load(); err == nil {
			err = cfg.Print(stdout)
		}
	case command == "reset" && (len(args) == 0 || slices.Equal(args, []string{"--yes"})):
		err = devrun.Reset(stdout, clusterDir, len(args) > 0)
	case command == "help", command == "-h", command == "--help":
		fmt.Fprint(stdout, usage)
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	return devrun.Status(err, stderr)
}

// serve starts the database, migrates it and serves. It checks the port first.
func serve(ctx context.Context, stdout, stderr io.Writer) error {
	cfg, _, err := load()
	if err != nil {
		return err
	}
	if err := devrun.ExplainPort(ctx, cfg.Host, cfg.Port); err != nil {
		return err
	}
	return withDatabase(ctx, stderr, func(ctx context.Context, cfg config.Config, data string) error {
		err := pgstore.Migrate(ctx, cfg.DatabaseURL.Reveal())
		if errors.Is(err, pgkit.ErrDatabaseURL) {
			return fmt.Errorf("%s: %w", cfg.Origin("DATABASE_URL"), err)
		}
		if err != nil {
			return err
		}
		var metrics net.Addr
		screen := devrun.Welcome{AppName: cfg.AppName, TryIt: tryIt, Data: data}
		if cfg.DocsEnabled {
			screen.Docs = "/api/docs"
		}
		return app.Run(ctx, cfg, app.Options{
			Log:         stderr,
			OnMetrics:   func(addr net.Addr) { metrics = addr },
			OnListening: func(addr net.Addr) { screen.Print(stdout, addr, metrics) },
		})
	})
}

// load reads the settings of development, and returns the options that it used. The first run
// generates the secret.
func load() (config.Config, config.Options, error) {
	secret, err := devrun.Secret(secretFile)
	if err != nil {
		return config.Config{}, config.Options{}, err
	}
	options := config.Options{DotEnv: ".env", Optional: []string{"DATABASE_URL"}, Fallbacks: map[string]string{
		"ENVIRONMENT":  string(config.Development),
		"JWT_SECRET":   secret,
		"LOG_FORMAT":   "text",
		"MAIL_DIR":     mailDir,
		"CORS_ORIGINS": "http://localhost:3000,http://localhost:5173",
	}}
	cfg, err := config.Load(options)
	if err == nil && cfg.Environment != config.Development {
		err = errors.New("dev is for development only, and ENVIRONMENT is " + string(cfg.Environment) + ": run server")
	}
	return cfg, options, err
}

// withDatabase calls use with the settings of development, a running database, and the folder of
// the embedded database, which is empty if DATABASE_URL names another. It does not migrate.
func withDatabase(ctx context.Context, stderr io.Writer, use func(context.Context, config.Config, string) error) error {
	cfg, options, err := load()
	if err != nil {
		return err
	}
	if cfg.DatabaseURL.IsSet() {
		return use(ctx, cfg, "")
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
		return use(ctx, cfg, server.Dir())
	})
}
