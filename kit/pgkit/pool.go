package pgkit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"
)

// Limits on each connection. All are shorter than a request may take.
const (
	statementTimeout = 8 * time.Second
	lockTimeout      = 5 * time.Second
	idleInTxTimeout  = 15 * time.Second
)

// Options tune a [Pool]; the zero value works.
type Options struct {
	// MinConns connections are kept open, at most MaxConns are opened; 0 means the default of
	// pgxpool.
	MinConns, MaxConns int32
	// ApplicationName is shown by pg_stat_activity.
	ApplicationName string
	// TransactionPooler means that the URL leads to a pooler that lends a connection for one
	// transaction.
	TransactionPooler bool
	// OnQuery, if set, is called after each statement. It gets no arguments of the statement.
	OnQuery func(ctx context.Context, sql string, took time.Duration, err error)
	// Tracing, if set, gets a span for each statement of a recorded request, and for each wait for
	// a connection. Spans have the statement, but no arguments.
	Tracing trace.TracerProvider
}

// Pool is a pool of connections.
type Pool struct {
	*pgxpool.Pool

	condition condition
	tracing   trace.TracerProvider
}

// Open returns a pool. It connects on demand, so an unreachable server is no error here: call
// Ping. It fails with [ErrDatabaseURL].
func Open(ctx context.Context, databaseURL string, options Options) (*Pool, error) {
	config, err := ParseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	if options.MaxConns > 0 {
		config.MaxConns = options.MaxConns
	}
	config.MinConns = options.MinConns
	config.ShouldPing = func(_ context.Context, idle pgxpool.ShouldPingParams) bool { return shouldPing(idle) }
	config.ConnConfig.Tracer = newTracer(options)
	setUp(config.ConnConfig, options)
	p := &Pool{tracing: options.Tracing}
	p.condition.watch(config.ConnConfig, func() { p.Reset() })
	if p.Pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("opening the database pool: %w", err)
	}
	return p, nil
}

// setUp configures new connections.
func setUp(config *pgx.ConnConfig, options Options) {
	if !strings.Contains(config.ConnString(), "target_session_attrs") {
		preferPrimary(&config.Config)
	}
	config.ConnectTimeout = ConnectTimeout
	parameters := config.RuntimeParams
	parameters["application_name"] = options.ApplicationName
	parameters["timezone"] = "UTC"
	parameters["statement_timeout"] = milliseconds(statementTimeout)
	parameters["lock_timeout"] = milliseconds(lockTimeout)
	parameters["idle_in_transaction_session_timeout"] = milliseconds(idleInTxTimeout)
	if options.TransactionPooler {
		adaptToPooler(config)
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// InTx runs fn in a transaction and commits it if fn returns nil. It runs fn again, at most twice,
// after a conflict, or after a connection that was lost before the commit. After a connection that
// was lost during the commit the outcome is unknown: the error is [Unavailable].
func (p *Pool) InTx(ctx context.Context, fn func(pgx.Tx) error) error {
	var committing bool
	err := repeat(ctx, func() error {
		committing = false
		return pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
			err := fn(tx)
			committing = err == nil
			return err
		})
	}, func(err error) bool {
		// pgconn.SafeToRetry does not tell the two apart: it reports true for a COMMIT without an
		// answer.
		return Conflict(err) || !committing && isLost(err)
	})
	if err == nil {
		p.condition.wrote()
	}
	return err
}
