package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/telemetry"
)

// instruments are how a running server shows what it does.
type instruments struct {
	log      *telemetry.Writer // where logger writes to: no request waits for whoever reads the log
	logger   *slog.Logger
	metrics  *telemetry.Metrics // nil if they are off
	tracing  *telemetry.Tracing // likewise
	reporter *telemetry.Sentry
}

func newInstruments(ctx context.Context, cfg config.Config, sink io.Writer) (*instruments, error) {
	i := &instruments{log: telemetry.NewWriter(sink)}
	i.logger = telemetry.NewLogger(i.log, telemetry.LoggerOptions{Level: cfg.LogLevel, Format: cfg.LogFormat})
	i.log.ReportDrops(i.logger)
	if cfg.MetricsAddr != "" {
		i.metrics = telemetry.NewMetrics(telemetry.MetricsOptions{
			Service: cfg.AppName, Version: Version(), Environment: string(cfg.Environment),
		})
		i.metrics.WatchLog(i.log)
	}
	if err := i.connect(ctx, cfg); err != nil {
		i.close(ctx)
		return nil, err
	}
	return i, nil
}

// connect sets up what sends something away.
func (i *instruments) connect(ctx context.Context, cfg config.Config) (err error) {
	i.reporter, err = telemetry.NewSentry(telemetry.SentryOptions{
		DSN: cfg.SentryDSN.Reveal(), Environment: string(cfg.Environment), Release: Version(),
		TracesSampleRate: cfg.SentryTracesSampleRate,
	})
	if err != nil {
		return fmt.Errorf("starting Sentry: %w", err)
	}
	if !cfg.Tracing.Enabled {
		return nil
	}
	headers := map[string]string{}
	for name, value := range cfg.Tracing.Headers {
		headers[name] = value.Reveal()
	}
	i.tracing, err = telemetry.NewTracing(ctx, telemetry.TracingOptions{
		Service:     cmp.Or(cfg.Tracing.ServiceName, cfg.AppName),
		Version:     Version(),
		Environment: string(cfg.Environment),
		Attributes:  cfg.Tracing.ResourceAttributes,
		Endpoint:    cfg.Tracing.Endpoint.Reveal(),
		Headers:     headers,
		Sampler:     cfg.Tracing.Sampler,
		Ratio:       cfg.Tracing.SamplerRatio,
		Logger:      i.logger,
		Metrics:     i.metrics,
	})
	return err
}

// watch has metrics look at what there is to look at.
func (i *instruments) watch(store *pgstore.Store, readiness *readiness) {
	if i.metrics != nil {
		i.metrics.WatchPool(func() telemetry.PoolStats { return telemetry.PoolStats(store.PoolStats()) })
		i.metrics.WatchReadiness(readiness.check)
	}
}

// flushTimeout is how long the last traces, the last reports and the last lines may take, each.
const flushTimeout = 2 * time.Second

// close sends what is left, also when ctx has ended.
func (i *instruments) close(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	if err := i.tracing.Close(ctx, flushTimeout); err != nil {
		i.logger.WarnContext(ctx, "sending the last traces", slog.Any("error", err))
	}
	if i.reporter != nil {
		i.reporter.Close(flushTimeout)
	}
	i.log.Close(flushTimeout)
}
