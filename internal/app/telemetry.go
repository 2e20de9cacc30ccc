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
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/telemetry"
)

// instruments are the log, metrics, traces and error reports of a server.
type instruments struct {
	log      *telemetry.Writer // behind logger, writes in the background
	logger   *slog.Logger
	metrics  *telemetry.Metrics // nil if off
	tracing  *telemetry.Tracing // nil if off
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
	err := i.startReporter(cfg)
	if err == nil && cfg.Tracing.Enabled {
		err = i.startTracing(ctx, cfg)
	}
	if err != nil {
		i.close(ctx)
		return nil, err
	}
	return i, nil
}

func (i *instruments) startReporter(cfg config.Config) (err error) {
	i.reporter, err = telemetry.NewSentry(telemetry.SentryOptions{
		DSN: cfg.SentryDSN.Reveal(), Environment: string(cfg.Environment), Release: Version(),
		TracesSampleRate: cfg.SentryTracesSampleRate,
	})
	if err != nil {
		return fmt.Errorf("starting Sentry: %w", err)
	}
	return nil
}

func (i *instruments) startTracing(ctx context.Context, cfg config.Config) (err error) {
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

// watch registers the collectors of the pool and of readiness.
func (i *instruments) watch(store *pgstore.Store, readiness *lifecycle.Readiness) {
	if i.metrics != nil && store != nil {
		i.metrics.WatchPool(func() telemetry.PoolStats { return telemetry.PoolStats(store.PoolStats()) })
		i.metrics.WatchReadiness(readiness.Check)
	}
}

// flushTimeout bounds sending the last traces, the last reports and the last log lines, each.
const flushTimeout = 2 * time.Second

// close sends what is left, also if ctx has ended.
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
