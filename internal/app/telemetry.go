package app

import (
	"context"
	"io"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/lifecycle"
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

// watch registers the collectors of the pool and of readiness.
func watch(metrics *telemetry.Metrics, store *pgstore.Store, readiness *lifecycle.Readiness) {
	if metrics != nil && store != nil {
		metrics.WatchPool(func() telemetry.PoolStats { return telemetry.PoolStats(store.PoolStats()) })
		metrics.WatchReadiness(readiness.Check)
	}
}

// observer counts logins and refreshes by outcome.
type observer struct {
	login   func(domain.LoginOutcome)
	refresh func(domain.RefreshOutcome)
}

func newObserver(metrics *telemetry.Metrics) *observer {
	return &observer{
		login: telemetry.Outcomes(metrics, "auth_logins_total",
			"Logins, by how they ended.", domain.LoginOutcomes()),
		refresh: telemetry.Outcomes(metrics, "auth_refreshes_total",
			"Refreshes, by how they ended.", domain.RefreshOutcomes()),
	}
}

// LoginEnded implements domain.Observer.
func (o *observer) LoginEnded(outcome domain.LoginOutcome) { o.login(outcome) }

// RefreshEnded implements domain.Observer.
func (o *observer) RefreshEnded(outcome domain.RefreshOutcome) { o.refresh(outcome) }
