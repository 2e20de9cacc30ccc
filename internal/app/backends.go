package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

func startTelemetry(ctx context.Context, cfg config.Config, log io.Writer) (*telemetry.Telemetry, error) {
	options := telemetry.Options{
		Service:     cfg.AppName,
		Version:     Version(),
		Environment: string(cfg.Environment),
		Log:         log,
		Logger:      telemetry.LoggerOptions{Level: cfg.LogLevel, Format: cfg.LogFormat},
		Metrics:     cfg.MetricsAddr != "",
		Sentry: telemetry.SentryOptions{
			DSN: cfg.SentryDSN.Reveal(), TracesSampleRate: cfg.SentryTracesSampleRate,
		},
	}
	if cfg.Tracing.Enabled {
		options.Tracing = &telemetry.TracingOptions{
			Service:    cfg.Tracing.ServiceName,
			Attributes: cfg.Tracing.ResourceAttributes,
			Endpoint:   cfg.Tracing.Endpoint.Reveal(),
			Headers:    map[string]string{},
			Sampler:    cfg.Tracing.Sampler,
			Ratio:      cfg.Tracing.SamplerRatio,
		}
		for name, value := range cfg.Tracing.Headers {
			options.Tracing.Headers[name] = value.Reveal()
		}
	}
	return telemetry.Start(ctx, options)
}

// watch registers the collectors of the pool, of readiness and of the queue of jobs.
func watch(metrics *telemetry.Metrics, store *pgstore.Store, readiness *lifecycle.Readiness) {
	if metrics != nil && store != nil {
		metrics.WatchPool(func() telemetry.PoolStats { return telemetry.PoolStats(store.PoolStats()) })
		metrics.WatchReadiness(readiness.Check)
		watchJobs(metrics, store)
	}
}

// newLimiter returns a rate limiter, which does not connect to Redis yet.
func newLimiter(cfg config.Config, tel *telemetry.Telemetry) (*ratelimit.Limiter, error) {
	options := ratelimit.Options{OnChange: ratelimit.LogChanges(tel.Logger)}
	if tel.Metrics != nil {
		options.OnFallback = tel.Metrics.LimiterFellBack
	}
	if cfg.RedisURL.IsSet() {
		var err error
		options.Redis, err = ratelimit.OpenRedis(cfg.RedisURL.Reveal(), ratelimit.RedisOptions{
			Prefix: cfg.AppName + ":ratelimit:", Tracing: tel.Tracing.Provider(),
		})
		if err != nil {
			return nil, fmt.Errorf("REDIS_URL: %w", err)
		}
	}
	return ratelimit.New(time.Now, options), nil
}

func openStore(ctx context.Context, cfg config.Config, tel *telemetry.Telemetry) (*pgstore.Store, error) {
	options := pgstore.Options{
		MinConns:        cfg.DatabasePoolSize,
		MaxConns:        cfg.DatabasePoolSize + cfg.DatabaseMaxOverflow,
		ApplicationName: cfg.AppName,

		TransactionPooler: cfg.DatabasePooler == config.PoolerTransaction,

		Tracing: tel.Tracing.Provider(),
	}
	if cfg.Debug {
		options.OnQuery = pgkit.LogQueries(tel.Logger)
	}
	store, err := pgstore.Open(ctx, cfg.DatabaseURL.Reveal(), options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Origin("DATABASE_URL"), err)
	}
	return store, nil
}

// outage implements [lifecycle.Outage].
func outage(err error) error {
	if errors.Is(err, domain.ErrUnavailable) {
		return cause(err)
	}
	return nil
}

// cause returns the driver's error, which belongs in the log and not in a response.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// ready translates readiness for [httpapi.Health].
func ready(readiness *lifecycle.Readiness) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		degraded, err := readiness.Check(ctx)
		if failure, ok := errors.AsType[*lifecycle.NotReadyError](err); ok {
			notReady := &domain.Error{Code: domain.CodeNotReady, Message: "Not ready: " + failure.Reason}
			return nil, notReady.Because(failure.Err)
		}
		return degraded, err
	}
}
