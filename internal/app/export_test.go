package app

import (
	"context"
	"log/slog"
	"net/http"
)

// ProfilesHandler is what DEBUG_ADDR serves.
func ProfilesHandler() http.Handler { return profilesHandler() }

// Readiness is what a running server knows of itself.
type Readiness = readiness

// NewReadiness returns the readiness of a server on the given database, which has not answered yet.
func NewReadiness(database database, logger *slog.Logger) *Readiness {
	return newReadiness(database, logger)
}

// Await waits for the database.
func (r *readiness) Await(ctx context.Context) error { return r.await(ctx) }

// Check is the answer of a health check.
func (r *readiness) Check(ctx context.Context) ([]string, error) { return r.check(ctx) }

// Drain is the beginning of the end.
func (r *readiness) Drain() { r.drain() }

// WatchClock warns of a clock that differs from the database's.
var WatchClock = watchClock

// DrainTimeout is how long requests in flight may take when the service stops.
const DrainTimeout = drainTimeout

// Chore is what a server does beside answering.
type Chore = chore

// NewChore returns a chore for DoChores.
func NewChore(name string, do func(context.Context) error) Chore { return chore{name, do} }

// DoChores does chores until ctx ends.
var DoChores = doChores
