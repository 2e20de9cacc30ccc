package auth

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// endedFor is short because an inactive account may become active again.
	endedFor = 5 * time.Second
	// maxEnded bounds the memory. Beyond it, all sessions are forgotten.
	maxEnded = 10_000
)

// EndedSessions remembers sessions that have ended, for a few seconds. Their access tokens remain
// authentic until they expire. Without it, such a token could use up the requests of its account,
// or cause a query with each request.
type EndedSessions struct {
	now   func() time.Time
	until atomic.Int64 // when all sessions are forgotten, in Unix nanoseconds
	mu    sync.RWMutex
	ended map[endedSession]struct{}
}

// endedSession is a session by the claims of its tokens.
type endedSession struct{ session, user string }

// NewEndedSessions returns an empty EndedSessions.
func NewEndedSessions(now func() time.Time) *EndedSessions { return &EndedSessions{now: now} }

// Has reports whether the session of a token is known to have ended.
func (e *EndedSessions) Has(claims AccessClaims) bool {
	if e.now().UnixNano() >= e.until.Load() {
		return false
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	_, ok := e.ended[endedSession{claims.SessionID, claims.UserID}]
	return ok
}

// Add remembers that the session of a token has ended.
func (e *EndedSessions) Add(claims AccessClaims) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := e.now(); now.UnixNano() >= e.until.Load() || len(e.ended) >= maxEnded {
		e.ended = map[endedSession]struct{}{}
		e.until.Store(now.Add(endedFor).UnixNano())
	}
	e.ended[endedSession{claims.SessionID, claims.UserID}] = struct{}{}
}
