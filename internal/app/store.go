package app

import (
	"context"
	"errors"
	"fmt"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/telemetry"
)

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
