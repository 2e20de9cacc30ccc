package httpapi

import (
	"sync"
	"sync/atomic"
	"time"

	"example.com/plinth/kit/auth"
)

const (
	// endedFor is short: an ended session does not come back, but an account that was inactive might.
	endedFor = 5 * time.Second
	// maxEnded bounds the memory. Beyond it all are forgotten, which costs a query for each that is asked for again.
	maxEnded = 10_000
)

// endedSessions remembers for a moment which sessions were found to have ended. Their tokens stay authentic until they
// expire; without this, whoever holds one could use up the account's requests with it, or else ask the database at will.
type endedSessions struct {
	now   func() time.Time
	until atomic.Int64 // in Unix nanoseconds, of all that is remembered
	mu    sync.RWMutex
	found map[sessionKey]struct{}
}

// sessionKey names a session as a token does.
type sessionKey struct{ session, user string }

func (e *endedSessions) has(bearer auth.AccessClaims) bool {
	if e.now().UnixNano() >= e.until.Load() {
		return false
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	_, ok := e.found[sessionKey{bearer.SessionID, bearer.UserID}]
	return ok
}

func (e *endedSessions) add(bearer auth.AccessClaims) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := e.now(); now.UnixNano() >= e.until.Load() || len(e.found) >= maxEnded {
		e.found = map[sessionKey]struct{}{}
		e.until.Store(now.Add(endedFor).UnixNano())
	}
	e.found[sessionKey{bearer.SessionID, bearer.UserID}] = struct{}{}
}
