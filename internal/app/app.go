// Package app assembles the server: configuration, store, services and HTTP handler. [Build] makes
// the parts, [App.Serve] runs them and stops them in order.
//
// It must not hold rules, and it is the only package that imports all layers.
package app

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/jobs"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// Options change how the server runs; the zero value works.
type Options struct {
	// Log is where log lines go; nil means standard error.
	Log io.Writer
	// OnListening is called with the address once connections are accepted.
	OnListening func(addr net.Addr)
	// OnMetrics is called, before OnListening, with the address that shows metrics, if there is
	// one.
	OnMetrics func(addr net.Addr)
	// ChoreInterval is the mean time between two runs of the chores; 0 means a minute.
	ChoreInterval time.Duration

	// Mailer sends mails; nil is MAIL_URL.
	Mailer domain.Mailer
	// Store replaces PostgreSQL; nil opens the database. An App with another store cannot Serve.
	Store domain.Store
	// NewHandler replaces [httpapi.New], to change its arguments; nil means httpapi.New.
	NewHandler func(deps httpapi.Dependencies, options httpapi.Options) (http.Handler, error)
}

// App is an assembled server.
type App struct {
	Services domain.Services
	Handler  http.Handler

	cfg       config.Config
	options   Options
	telemetry *telemetry.Telemetry
	store     *pgstore.Store
	readiness *lifecycle.Readiness
	limiter   *ratelimit.Limiter
	jobs      []jobs.Handler
	onAttempt func(jobs.Attempt) // nil without metrics
	mailing   mailing
}

// Run builds the server and serves until ctx ends. It returns when everything that it started has
// stopped.
//
// It fails if a setting cannot work, if a port is taken, if the database is down for a minute, or
// if its schema is too old.
func Run(ctx context.Context, cfg config.Config, options Options) error {
	lifecycle.RelaxGC()
	a, err := Build(ctx, cfg, options)
	if err != nil {
		return err
	}
	defer a.Close(ctx)
	return a.Serve(ctx)
}

// Build assembles the server. It opens no port and makes no connection; [App.Close] releases what
// it opened.
func Build(ctx context.Context, cfg config.Config, options Options) (*App, error) {
	a := &App{cfg: cfg, options: options}
	if err := a.build(ctx); err != nil {
		a.Close(ctx)
		return nil, err
	}
	return a, nil
}

func (a *App) build(ctx context.Context) (err error) {
	if a.telemetry, err = startTelemetry(ctx, a.cfg, cmp.Or[io.Writer](a.options.Log, os.Stderr)); err != nil {
		return err
	}
	store := a.options.Store
	if store == nil {
		if a.store, err = openStore(ctx, a.cfg, a.telemetry); err != nil {
			return err
		}
		store = a.store
	}
	for _, warning := range a.cfg.Warnings() {
		a.logger().WarnContext(ctx, "unsafe or unknown setting",
			slog.String("setting", warning.Name), slog.String("detail", warning.Detail))
	}
	a.readiness = lifecycle.NewReadiness(a.store, outage, a.logger())
	watch(a.telemetry.Metrics, a.store, a.readiness) //nolint:contextcheck // a scrape has no context
	if a.options.Mailer == nil {
		if a.mailing, err = newMailing(a.cfg, a.telemetry); err != nil {
			return err
		}
		a.options.Mailer = a.mailing
	}
	if a.Services, err = NewServices(a.cfg, store, a.options.Mailer, a.telemetry.Metrics); err != nil {
		return err
	}
	a.jobs = JobHandlers(a.Services)
	a.onAttempt = countAttempts(a.telemetry.Metrics, a.jobs)
	if a.limiter, err = newLimiter(a.cfg, a.telemetry); err != nil {
		return err
	}
	a.Handler, err = a.newHandler()
	return err
}

// Mailer returns what sends mails.
func (a *App) Mailer() domain.Mailer { return a.options.Mailer }

func (a *App) logger() *slog.Logger { return a.telemetry.Logger }

// Close releases what Build opened, and sends the last log lines, traces and reports, also if ctx
// has ended.
func (a *App) Close(ctx context.Context) {
	a.mailing.close()
	if a.limiter != nil {
		_ = a.limiter.Close() // there is nothing to lose
	}
	if a.store != nil {
		a.store.Close()
	}
	if a.telemetry != nil {
		a.telemetry.Close(ctx)
	}
}

// RunWorker runs jobs until ctx ends, whatever JOBS is. It serves metrics, and no requests. It fails as
// [Run] does.
func RunWorker(ctx context.Context, cfg config.Config, options Options) error {
	cfg.Jobs = config.JobsInline
	options.NewHandler = func(httpapi.Dependencies, httpapi.Options) (http.Handler, error) {
		return http.NotFoundHandler(), nil
	}
	lifecycle.RelaxGC()
	a, err := Build(ctx, cfg, options)
	if err != nil {
		return err
	}
	defer a.Close(ctx)
	return a.beside(ctx, a.work)
}

// Serve serves until ctx ends. Then it reports not ready for SHUTDOWN_DELAY and finishes the
// requests in flight. Metrics are shown to the end.
func (a *App) Serve(ctx context.Context) error { return a.beside(ctx, a.serve) }

// beside runs a function beside the side listeners.
func (a *App) beside(ctx context.Context, run func(context.Context) error) error {
	for _, aside := range a.asides() {
		stop, err := lifecycle.ServeAside(ctx, aside, a.logger())
		if err != nil {
			return err
		}
		defer stop() //nolint:gocritic // side listeners are open until run returns
	}
	err := run(ctx)
	a.logger().Info("stopped") //nolint:sloglint // the context has ended
	return err
}

func (a *App) serve(ctx context.Context) error {
	listener, err := lifecycle.Listen(ctx, a.cfg.Host, a.cfg.Port, "PORT", a.logger(),
		slog.String("version", Version()), slog.String("environment", string(a.cfg.Environment)))
	if err != nil {
		return err
	}
	if a.options.OnListening != nil {
		a.options.OnListening(listener.Addr())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.work(ctx) })
	group.Go(func() error { // liveness from here on; readiness once the database answers
		return lifecycle.Serve(ctx, listener, a.Handler, a.readiness, a.logger(), lifecycle.ServeOptions{
			MaxConnections: a.cfg.MaxConnections, ShutdownDelay: a.cfg.ShutdownDelay,
		})
	})
	return group.Wait()
}

// work waits for the database, and then runs the chores and jobs and watches the clock until ctx
// ends.
func (a *App) work(ctx context.Context) error {
	if err := a.readiness.Await(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	missing, err := a.store.MissingLimits(ctx) // behind a pooler the server's role must have them
	pgkit.LogMissingLimits(ctx, a.logger(), missing, cause(err))
	group, ctx := errgroup.WithContext(ctx)
	if a.cfg.Jobs == config.JobsInline {
		workers := a.NewWorkers(a.store)
		group.Go(func() error { return workers.Run(ctx) })
	}
	debug.FreeOSMemory() // some MiB that parsing the contract took
	group.Go(func() error {
		lifecycle.RunChores(ctx, cmp.Or(a.options.ChoreInterval, choreInterval), a.Chores(), a.logger())
		return nil
	})
	group.Go(func() error {
		lifecycle.WatchClock(ctx, a.store, time.Now, a.logger())
		return nil
	})
	return group.Wait()
}

const choreInterval = time.Minute

// Chores returns the periodic work of the service.
func (a *App) Chores() []lifecycle.Chore {
	logger := a.logger()
	return []lifecycle.Chore{
		{Name: "cleaning up sessions", Do: func(ctx context.Context) error {
			done, err := a.Services.Sessions.CleanUpSessions(ctx)
			logger.DebugContext(ctx, "sessions cleaned up",
				slog.Int("successors_cleared", done.Cleared), slog.Int("sessions_purged", done.Purged))
			return cause(err)
		}},
		// scaffold:begin audit
		{Name: "pruning audit events", Do: func(ctx context.Context) error {
			pruned, err := a.Services.Audit.PruneOldAuditEvents(ctx)
			logger.DebugContext(ctx, "audit events pruned", slog.Int("pruned", pruned))
			return cause(err)
		}},
		// scaffold:end audit
		{Name: "purging one-time tokens", Do: func(ctx context.Context) error {
			purged, err := a.Services.Users.PurgeOneTimeTokens(ctx)
			logger.DebugContext(ctx, "one-time tokens purged", slog.Int("purged", purged))
			return cause(err)
		}},
		// scaffold:begin invitations
		{Name: "purging invitations", Do: func(ctx context.Context) error {
			purged, err := a.Services.Invitations.PurgeInvitations(ctx)
			logger.DebugContext(ctx, "invitations purged", slog.Int("purged", purged))
			return cause(err)
		}},
		// scaffold:end invitations
		{Name: "purging throttles", Do: func(ctx context.Context) error {
			purged, err := a.Services.Throttles.PurgeThrottles(ctx)
			logger.DebugContext(ctx, "throttles purged", slog.Int("purged", purged))
			return cause(err)
		}},
	}
}

// asides returns the side listeners that are on. They are not public.
func (a *App) asides() []lifecycle.Aside {
	asides := []lifecycle.Aside{{
		Name: "profiles", Address: a.cfg.DebugAddr, Setting: "DEBUG_ADDR", Handler: lifecycle.ProfilesHandler(),
	}}
	if a.telemetry.Metrics != nil {
		asides = append(asides, lifecycle.Aside{
			Name: "metrics", Address: a.cfg.MetricsAddr, Setting: "METRICS_ADDR", Handler: a.telemetry.Metrics.Mux(),
			OnListening: a.options.OnMetrics,
		})
	}
	return asides
}

// version is set by release builds: -ldflags "-X example.com/plinth/internal/app.version=v1.2.3".
var version string

// Version returns the release, else the commit of the build, else "dev".
func Version() string { return lifecycle.Version(version) }
