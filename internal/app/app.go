// Package app puts the server together: it makes the pool, the store, the services and the HTTP server out of a Config,
// runs them, and takes them down in the right order. It is the only package that sees all of the server.
//
// It must not hold rules of its own.
package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// Options change how the server runs; the zero value works.
type Options struct {
	// Log is where log lines go; nil means standard error.
	Log io.Writer
	// OnListening is told the address once connections are taken.
	OnListening func(addr net.Addr)
	// OnMetrics is told, before that, the address where metrics are shown, if they are.
	OnMetrics func(addr net.Addr)
	// ChoreInterval is about how often the server cleans up; 0 means a minute.
	ChoreInterval time.Duration
}

// Run serves until ctx ends, and returns when everything that it started has stopped. On the way out it reports not
// ready for cfg.ShutdownDelay, finishes the requests in flight, and closes the pool last; metrics are shown to the end.
//
// It fails if a setting cannot work, if a port is taken, or if the database stays out of reach or is too old.
func Run(ctx context.Context, cfg config.Config, options Options) error {
	if options.Log == nil {
		options.Log = os.Stderr
	}
	show, err := newInstruments(ctx, cfg, options.Log)
	if err != nil {
		return err
	}
	defer show.close(ctx)
	store, err := openStore(ctx, cfg, show)
	if err != nil {
		return err
	}
	defer store.Close()

	logger := show.logger
	for _, warning := range cfg.Warnings() {
		logger.WarnContext(ctx, "unsafe or unknown setting", slog.String("setting", warning.Name), slog.String("detail", warning.Detail))
	}
	readiness := newReadiness(store, logger)
	show.watch(store, readiness)
	services, err := NewServices(cfg, store, show.metrics)
	if err != nil {
		return err
	}
	limiter, err := NewLimiter(cfg, show.logger, show.metrics, show.tracing)
	if err != nil {
		return err
	}
	defer limiter.Close()                                               //nolint:errcheck // there is nothing to lose
	handler, err := newHandler(cfg, services, limiter, readiness, show) //nolint:contextcheck // the contract is parsed without one
	if err != nil {
		return err
	}
	stopMetrics, err := serveMetrics(ctx, cfg.MetricsAddr, show, options.OnMetrics)
	if err != nil {
		return err
	}
	defer stopMetrics()
	stopProfiles, err := serveProfiles(ctx, cfg.DebugAddr, logger)
	if err != nil {
		return err
	}
	defer stopProfiles()
	listener, err := listen(ctx, cfg, options.OnListening, logger)
	if err != nil {
		return err
	}

	// Liveness answers from here on; readiness waits for the database.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := readiness.await(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		warnOfMissingLimits(ctx, store, logger)
		debug.FreeOSMemory() // some MiB that reading the contract took
		group.Go(func() error {
			doChores(ctx, cmp.Or(options.ChoreInterval, choreInterval), logger, chores(services, logger))
			return nil
		})
		watchClock(ctx, store, time.Now, logger)
		return nil
	})
	group.Go(func() error { return serve(ctx, cfg, listener, handler, readiness, logger) })
	err = group.Wait()
	logger.Info("stopped") //nolint:sloglint // the context has ended
	return err
}

func listen(
	ctx context.Context, cfg config.Config, onListening func(net.Addr), logger *slog.Logger,
) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)))
	if err != nil {
		return nil, fmt.Errorf("listening: %w (choose another PORT?)", err)
	}
	logger.InfoContext(ctx, "listening", slog.String("address", listener.Addr().String()),
		slog.String("version", Version()), slog.String("environment", string(cfg.Environment)))
	if onListening != nil {
		onListening(listener.Addr())
	}
	return listener, nil
}

func openStore(ctx context.Context, cfg config.Config, show *instruments) (*pgstore.Store, error) {
	options := pgstore.Options{
		MinConns:        cfg.DatabasePoolSize,
		MaxConns:        cfg.DatabasePoolSize + cfg.DatabaseMaxOverflow,
		ApplicationName: cfg.AppName,

		TransactionPooler: cfg.DatabasePooler == config.PoolerTransaction,

		Tracing: show.tracing.Provider(),
	}
	if cfg.Debug {
		options.OnQuery = func(ctx context.Context, sql string, took time.Duration, err error) {
			show.logger.DebugContext(ctx, "query", slog.String("sql", sql),
				slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Bool("failed", err != nil))
		}
	}
	store, err := pgstore.Open(ctx, cfg.DatabaseURL.Reveal(), options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Origin("DATABASE_URL"), err)
	}
	return store, nil
}

func newHandler(
	cfg config.Config, services domain.Services, limiter *ratelimit.Limiter, readiness *readiness, show *instruments,
) (http.Handler, error) {
	deps, options := HTTPParts(cfg, services, limiter, readiness.check, show.logger, show.reporter)
	options.Metrics, options.Tracing, options.Stopping = show.metrics, show.tracing, readiness.stopping
	return httpapi.New(deps, options)
}

// HTTPParts puts together what [httpapi.New] takes. limiter is that of NewLimiter, ready is [httpapi.Health].Ready.
func HTTPParts(
	cfg config.Config, services domain.Services, limiter *ratelimit.Limiter,
	ready func(context.Context) ([]string, error), logger *slog.Logger, reporter *telemetry.Sentry,
) (httpapi.Dependencies, httpapi.Options) {
	deps := httpapi.Dependencies{
		Services: services,
		Health:   httpapi.Health{Name: cfg.AppName, Version: Version(), Ready: ready},
		IDs:      idgen.New(time.Now, rand.Reader),
		Logger:   logger,
		Reporter: reporter,
		Now:      time.Now,
	}
	return deps, httpapi.Options{
		CORSOrigins:    cfg.CORSOrigins,
		TrustedProxies: cfg.TrustedProxies,
		DocsEnabled:    cfg.DocsEnabled,

		PasswordMinLength: cfg.PasswordMinLength,
		RateLimits:        rateLimits(cfg, limiter),
		MaxStreams:        cfg.MaxConnections / 2,
	}
}

// NewServices wires the rules to a store. metrics may be nil; otherwise they learn how logins, refreshes and the hashing
// of passwords fare.
func NewServices(cfg config.Config, store domain.Store, metrics *telemetry.Metrics) (domain.Services, error) {
	hasher, err := newPasswordHasher(cfg, metrics)
	if err != nil {
		return domain.Services{}, err
	}
	keys, err := keySet(cfg)
	if err != nil {
		return domain.Services{}, err
	}
	accessTokens, err := auth.NewAccessTokens(auth.AccessTokenConfig{
		Keys: keys, Issuer: cfg.JWTIssuer, Audience: cfg.JWTAudience, Lifetime: cfg.AccessTokenTTL, Now: time.Now,
	})
	if err != nil {
		return domain.Services{}, err
	}
	var observer domain.Observer
	if metrics != nil {
		observer = newObserver(metrics)
	}
	ids := idgen.New(time.Now, rand.Reader)
	passwords := domain.NewPasswords(hasher, domain.PasswordOptions{AppName: cfg.AppName, MinLength: cfg.PasswordMinLength})
	throttles := domain.NewThrottleService(store, ids, rand.Reader, throttleOptions(cfg))
	return domain.Services{
		Audit:     domain.NewAuditService(store, ids, time.Now, cfg.AuditRetention),
		Keys:      domain.NewKeyService(keys, time.Now),
		Throttles: throttles,
		Users:     domain.NewUserService(store, passwords, throttles, ids),
		Sessions: domain.NewSessionService(store, passwords, throttles, accessTokens, ids, rand.Reader,
			domain.SessionOptions{
				Lifetime:             cfg.SessionTTL,
				RefreshTokenLifetime: cfg.RefreshTokenTTL,
				Refreshes:            refreshRate(cfg),
				RefreshGrace:         cfg.RefreshGrace,
				MaxPerUser:           cfg.MaxSessionsPerUser,
				Retention:            cfg.SessionRetention,
				Observer:             observer,
			}),
	}, nil
}

func newPasswordHasher(cfg config.Config, metrics *telemetry.Metrics) (*auth.PasswordHasher, error) {
	var options auth.PasswordHasherOptions
	if metrics != nil {
		options.Waited = metrics.HashingWaited
	}
	hasher, err := auth.NewPasswordHasher(auth.PasswordParams{
		MemoryKiB: cfg.PasswordHashMemoryKiB, Iterations: cfg.PasswordHashIterations,
		Parallelism: cfg.PasswordHashParallelism,
	}, options)
	if err == nil && metrics != nil {
		metrics.WatchHashing(func() telemetry.HashingStats { return telemetry.HashingStats(hasher.Stats()) })
	}
	return hasher, err
}

// keySet reads the keys that sign access tokens: the shared secret, or a key file whose active key fits JWT_ALGORITHM.
func keySet(cfg config.Config) (*auth.KeySet, error) {
	if cfg.JWTAlgorithm == auth.AlgorithmHS256 {
		return auth.NewSymmetricKeySet([]byte(cfg.JWTSecret.Reveal()))
	}
	file, err := os.ReadFile(cfg.JWTKeysFile)
	if err != nil {
		return nil, fmt.Errorf("reading JWT_KEYS_FILE: %w", err)
	}
	keys, err := auth.ParseKeySet(file)
	if err != nil {
		return nil, fmt.Errorf("reading JWT_KEYS_FILE: %w", err)
	}
	if keys.Algorithm() != cfg.JWTAlgorithm {
		return nil, errors.New("JWT_ALGORITHM is " + cfg.JWTAlgorithm + ", but the active key of JWT_KEYS_FILE is for " + keys.Algorithm())
	}
	return keys, nil
}
