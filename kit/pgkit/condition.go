package pgkit

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// RefusesWrites reports whether the server rejects writes: it is read-only, a standby, or its disk
// was full at the last write.
func (p *Pool) RefusesWrites(ctx context.Context) (bool, error) {
	readOnly, err := Read(ctx, func() (readOnly bool, err error) {
		err = p.QueryRow(ctx, "SELECT current_setting('transaction_read_only')::boolean").Scan(&readOnly)
		return readOnly, err
	})
	return readOnly || p.condition.diskFull.Load(), err
}

// Now returns the time of the server.
func (p *Pool) Now(ctx context.Context) (time.Time, error) {
	return Read(ctx, func() (now time.Time, err error) {
		err = p.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
		return now, err
	})
}

// condition is the state of the server, as its errors show it.
type condition struct {
	diskFull atomic.Bool
	wasReset atomic.Bool // within the last resetPause
}

// resetPause is the minimum interval between two resets of the pool.
const resetPause = 5 * time.Second

// watch learns from each error that the server sends.
func (c *condition) watch(config *pgx.ConnConfig, reset func()) {
	decide := config.OnPgError // whether the connection is kept
	config.OnPgError = func(conn *pgconn.PgConn, pgErr *pgconn.PgError) bool {
		switch pgErr.Code {
		case pgerrcode.DiskFull:
			c.diskFull.Store(true)
		case pgerrcode.ReadOnlySQLTransaction:
			// Another server may be the primary now. New connections find it.
			if c.wasReset.CompareAndSwap(false, true) {
				reset()
				time.AfterFunc(resetPause, func() { c.wasReset.Store(false) })
			}
		}
		return decide(conn, pgErr)
	}
}

// wrote records a successful write.
func (c *condition) wrote() {
	if c.diskFull.Load() {
		c.diskFull.Store(false)
	}
}

// preferPrimary connects only to the primary if there are several hosts: a standby may lag behind,
// so an ended session would still be valid there.
func preferPrimary(config *pgconn.Config) {
	for _, other := range config.Fallbacks {
		if other.Host != config.Host || other.Port != config.Port {
			config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
		}
	}
}
