package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/gcra"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// NewLimiter returns what counts requests. It makes no connection yet. metrics may be nil.
func NewLimiter(cfg config.Config, logger *slog.Logger, metrics *telemetry.Metrics, tracing *telemetry.Tracing) (*ratelimit.Limiter, error) {
	options := ratelimit.Options{OnChange: func(ctx context.Context, err error) {
		if err != nil {
			logger.WarnContext(ctx, "redis does not answer, each replica counts requests by itself", slog.Any("error", err))
			return
		}
		logger.InfoContext(ctx, "redis answers again")
	}}
	if metrics != nil {
		options.OnFallback = metrics.LimiterFellBack
	}
	if cfg.RedisURL.IsSet() {
		var err error
		options.Redis, err = ratelimit.OpenRedis(cfg.RedisURL.Reveal(), ratelimit.RedisOptions{
			Prefix: cfg.AppName + ":ratelimit:", Tracing: tracing.Provider(),
		})
		if err != nil {
			return nil, fmt.Errorf("REDIS_URL: %w", err)
		}
	}
	return ratelimit.New(time.Now, options), nil
}

// rateLimits returns nil where limits are off.
func rateLimits(cfg config.Config, limiter *ratelimit.Limiter) *httpapi.RateLimits {
	if !cfg.RateLimitEnabled {
		return nil
	}
	rates := make(map[string]ratelimit.Rate, len(cfg.RateLimits))
	for class, rate := range cfg.RateLimits {
		rates[class] = ratelimit.Rate(rate)
	}
	return &httpapi.RateLimits{Limiter: limiter, Rates: rates}
}

// refreshRate is that of the class of operations that refreshing is in, for each session besides each address.
func refreshRate(cfg config.Config) gcra.Rate {
	if !cfg.RateLimitEnabled {
		return gcra.Rate{}
	}
	return gcra.Rate(cfg.RateLimits["session"])
}

func throttleOptions(cfg config.Config) domain.ThrottleOptions {
	return domain.ThrottleOptions{
		AccountFailures: cfg.LoginFailuresPerAccount, NetworkFailures: cfg.LoginFailuresPerAddress,
		TotalFailures: cfg.LoginFailuresPerAccountTotal, Off: !cfg.RateLimitEnabled,
	}
}
