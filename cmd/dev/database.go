package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"example.com/plinth/db"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/devdb"
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
	// data is where the embedded database lives; empty if the settings name another one.
	data string
}

// withDatabase calls use with the settings of development and a database that is running, and stops what it started. The
// schema is as it was: whether it should be migrated is what use knows. If the command listens, a port that is taken is an
// error before anything is started.
func withDatabase(
	ctx context.Context, stderr io.Writer, listens bool, use func(context.Context, development) error,
) (err error) {
	cfg, options, err := load()
	if err != nil {
		return err
	}
	if listens {
		if err := checkPort(ctx, cfg); err != nil {
			return err
		}
	}
	dev := development{cfg: cfg}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !cfg.DatabaseURL.IsSet() {
		server, err := startPostgres(ctx, cfg, stderr)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		go func() {
			<-server.Done()
			cancel(errors.New("the embedded PostgreSQL has ended; the log in " + server.Dir() + " says:\n" + server.Reasons()))
		}()
		dev.data = server.Dir()
		options.Fallbacks["DATABASE_URL"] = server.URL(databaseName)
		if dev.cfg, err = config.Load(options); err != nil {
			return err
		}
	}
	if err := use(ctx, dev); err != nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// load reads the settings of development, and returns the options that it did so with.
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

// checkPort fails if the server could not listen.
func checkPort(ctx context.Context, cfg config.Config) error {
	port := strconv.Itoa(cfg.Port)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(cfg.Host, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %s is taken: stop what listens there (lsof -i :%[1]s), or choose another: PORT=%d make run", port, cfg.Port+1)
	}
	if err != nil {
		return fmt.Errorf("HOST and PORT: %w", err)
	}
	return listener.Close()
}

func startPostgres(ctx context.Context, cfg config.Config, stderr io.Writer) (*devdb.Server, error) {
	logger := telemetry.NewLogger(stderr, telemetry.LoggerOptions{Level: cfg.LogLevel, Format: cfg.LogFormat})
	server, err := devdb.Start(ctx, devdb.Options{
		Dir: clusterDir, Extensions: db.Extensions(), BinDir: cfg.PostgresBin, Repository: cfg.PostgresMirror.Reveal(), Log: logger,
	})
	if err != nil {
		return nil, err
	}
	if err := server.CreateDatabase(ctx, databaseName); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	logger.InfoContext(ctx, "database is running", slog.String("dir", server.Dir()), slog.Bool("joined", server.Joined()))
	return server, nil
}

// reset deletes the embedded database, or says what it would delete.
func reset(stdout io.Writer, sure bool) error {
	if !sure {
		dir, err := devdb.Dir(clusterDir)
		if err == nil {
			fmt.Fprintf(stdout, "This deletes the development database in %s with all its data: make reset YES=1\n", dir)
		}
		return err
	}
	dir, err := devdb.Remove(clusterDir)
	switch {
	case errors.Is(err, devdb.ErrInUse):
		return fmt.Errorf("%w: stop make run first", err)
	case err == nil:
		fmt.Fprintf(stdout, "Deleted %s. make run starts with an empty database.\n", dir)
	}
	return err
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
	if err := os.Mkdir(dataDir, 0o755); err == nil { //nolint:gosec // G301: root's database server, which is another user, has to pass
		err = os.Chmod(dataDir, 0o755) //nolint:gosec // G302: see above; whatever the umask is
		if err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
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
