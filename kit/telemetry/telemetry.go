package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// flushTimeout bounds sending the last traces, the last reports and the last log lines, each.
const flushTimeout = 2 * time.Second

// Options configure [Start]. Service, Version and Environment identify the process in metrics,
// traces and reports, also where Sentry and Tracing have fields for them; only a Service in Tracing
// overrides the one here.
type Options struct {
	Service     string
	Version     string
	Environment string

	Log     io.Writer // where log lines go
	Logger  LoggerOptions
	Metrics bool
	Sentry  SentryOptions
	Tracing *TracingOptions // nil if off
}

// Telemetry is the log, metrics, traces and error reports of a process.
type Telemetry struct {
	Logger  *slog.Logger // writes in the background
	Metrics *Metrics     // nil if off
	Tracing *Tracing     // nil if off
	Sentry  *Sentry
	// Unredacted is a Logger that writes secrets, for lines that developers need.
	Unredacted *slog.Logger

	log *lineWriter
}

// Start returns the telemetry of a process. The caller must call Close. It does not connect yet.
func Start(ctx context.Context, opts Options) (*Telemetry, error) {
	t := &Telemetry{log: newLineWriter(opts.Log)} //nolint:contextcheck // its lines outlive ctx
	t.Logger = NewLogger(t.log, opts.Logger)
	t.Unredacted = slog.New(newHandler(t.log, opts.Logger))
	t.log.reportDrops(t.Logger)
	if opts.Metrics {
		t.Metrics = NewMetrics(MetricsOptions{
			Service: opts.Service, Version: opts.Version, Environment: opts.Environment,
		})
		t.Metrics.watchLog(t.log)
	}
	if err := t.connect(ctx, opts); err != nil {
		t.Close(ctx)
		return nil, err
	}
	return t, nil
}

func (t *Telemetry) connect(ctx context.Context, opts Options) (err error) {
	opts.Sentry.Environment, opts.Sentry.Release = opts.Environment, opts.Version
	if t.Sentry, err = NewSentry(opts.Sentry); err != nil {
		return fmt.Errorf("starting Sentry: %w", err)
	}
	if opts.Tracing == nil {
		return nil
	}
	tracing := *opts.Tracing
	tracing.Version, tracing.Environment = opts.Version, opts.Environment
	if tracing.Service == "" {
		tracing.Service = opts.Service
	}
	tracing.Logger, tracing.Metrics = t.Logger, t.Metrics
	t.Tracing, err = NewTracing(ctx, tracing)
	return err
}

// Close sends the last traces, reports and log lines, also if ctx has ended.
func (t *Telemetry) Close(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	if err := t.Tracing.Close(ctx, flushTimeout); err != nil {
		t.Logger.WarnContext(ctx, "sending the last traces", slog.Any("error", err))
	}
	if t.Sentry != nil {
		t.Sentry.Close(flushTimeout)
	}
	t.log.Close(flushTimeout)
}
