package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/devdb"
	"example.com/plinth/internal/telemetry"
)

const (
	dataDir      = ".data"
	databaseName = "plinth"
)

// withDatabase calls use with the settings of development and a database that is running, and stops what it started. The
// schema is as it was: whether it should be migrated is what use knows.
func withDatabase(
	ctx context.Context, stderr io.Writer, use func(context.Context, config.Config) error,
) (err error) {
	fallbacks, err := developmentDefaults()
	if err != nil {
		return err
	}
	options := config.Options{DotEnv: ".env", Fallbacks: fallbacks, Optional: []string{"DATABASE_URL"}}
	cfg, err := config.Load(options)
	if err != nil {
		return err
	}
	if cfg.Environment != config.Development {
		return errors.New("dev is for development only, and ENVIRONMENT is " + string(cfg.Environment) + ": run server")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !cfg.DatabaseURL.IsSet() {
		logger := telemetry.NewLogger(stderr, telemetry.LoggerOptions{Level: cfg.LogLevel, Format: cfg.LogFormat})
		server, err := startPostgres(ctx, cfg, logger)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		go func() {
			<-server.Done()
			cancel(errors.New("the embedded PostgreSQL has ended; see its log in " + server.Dir()))
		}()
		fallbacks["DATABASE_URL"] = server.URL(databaseName)
		if cfg, err = config.Load(options); err != nil {
			return err
		}
	}
	if err := use(ctx, cfg); err != nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func startPostgres(ctx context.Context, cfg config.Config, logger *slog.Logger) (*devdb.Server, error) {
	dir, err := filepath.Abs(filepath.Join(dataDir, "postgres"))
	if err != nil {
		return nil, err
	}
	server, err := devdb.Start(ctx, devdb.Options{Dir: dir, BinDir: cfg.PostgresBin, Log: logger})
	if err != nil {
		return nil, err
	}
	if err := server.CreateDatabase(ctx, databaseName); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	logger.InfoContext(ctx, "database is running", slog.String("dir", server.Dir()), slog.Bool("joined", server.Joined()))
	return server, nil
}

// developmentDefaults are settings that work on a laptop and nowhere else. The secret is made on the first run.
func developmentDefaults() (map[string]string, error) {
	secret, err := developmentSecret()
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

func developmentSecret() (string, error) {
	path := filepath.Join(dataDir, "jwt_secret")
	stored, err := os.ReadFile(path) //nolint:gosec // G304: a constant
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeSecret(path); err != nil {
			return "", fmt.Errorf("keeping the development secret: %w", err)
		}
		stored, err = os.ReadFile(path) //nolint:gosec // G304: a constant
	}
	if err != nil {
		return "", fmt.Errorf("reading the development secret: %w", err)
	}
	return strings.TrimSpace(string(stored)), nil
}

// makeSecret writes a secret aside and then links it into place, so that of several first runs at once all use the same
// one, and none reads half of it.
func makeSecret(path string) error {
	if err := os.MkdirAll(dataDir, 0o755); err != nil { //nolint:gosec // G301: the database server's user has to pass
		return err
	}
	file, err := os.CreateTemp(dataDir, "jwt_secret-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // renamed, it is gone already
	_, err = file.WriteString(rand.Text() + rand.Text() + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(file.Name(), path) // where there are no hard links, being first is left to chance
}
