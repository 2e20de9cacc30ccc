package pgkit

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// RefusesWrites asks the server whether it takes no changes at the moment: because it is read-only, because it is a
// standby, or because its disk was full when something was last to be written. It fails with domain.ErrUnavailable.
func (s *Store) RefusesWrites(ctx context.Context) (bool, error) {
	readOnly, err := read(ctx, s, func() (readOnly bool, err error) {
		err = s.pool.QueryRow(ctx, "SELECT current_setting('transaction_read_only')::boolean").Scan(&readOnly)
		return readOnly, err
	})
	return readOnly || s.condition.diskFull.Load(), translate(err, nil)
}

// Now asks for the time of the server, which is what sessions and tokens go by. It fails with domain.ErrUnavailable.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	now, err := read(ctx, s, func() (now time.Time, err error) {
		err = s.pool.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
		return now, err
	})
	return now, translate(err, nil)
}

// condition is what the server's errors have told about it.
type condition struct {
	diskFull atomic.Bool
	wasReset atomic.Bool // all connections were given up a moment ago
}

// resetPause is how often all connections may be given up.
const resetPause = 5 * time.Second

// watch learns from every error that the server sends.
func (c *condition) watch(config *pgx.ConnConfig, reset func()) {
	decide := config.OnPgError // whether the connection lives on
	config.OnPgError = func(conn *pgconn.PgConn, pgErr *pgconn.PgError) bool {
		switch pgErr.Code {
		case pgerrcode.DiskFull:
			c.diskFull.Store(true)
		case pgerrcode.ReadOnlySQLTransaction:
			// The primary may be another server by now, which new connections find.
			if c.wasReset.CompareAndSwap(false, true) {
				reset()
				time.AfterFunc(resetPause, func() { c.wasReset.Store(false) })
			}
		}
		return decide(conn, pgErr)
	}
}

// wrote notes that something was written.
func (c *condition) wrote() {
	if c.diskFull.Load() {
		c.diskFull.Store(false)
	}
}

// preferPrimary has connections made to the primary only, where there are several hosts: on a standby that lags behind, a
// session that has ended would still be alive.
func preferPrimary(config *pgconn.Config) {
	for _, other := range config.Fallbacks {
		if other.Host != config.Host || other.Port != config.Port {
			config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
		}
	}
}
