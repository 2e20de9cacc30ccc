package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// statements notes which queries a server runs, by name.
type statements struct {
	mu  sync.Mutex
	ran []string
}

func (s *statements) onQuery(_ context.Context, sql string, _ time.Duration, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	firstLine, _, _ := strings.Cut(sql, "\n")
	if name, ok := strings.CutPrefix(firstLine, "-- name: "); ok {
		firstLine, _, _ = strings.Cut(name, " ")
	}
	s.ran = append(s.ran, firstLine)
}

// take returns the queries since the last time.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ran := s.ran
	s.ran = nil
	return ran
}

// To find out who calls costs one statement, which reads session and user at once: what else a request runs is its own. A
// token that says by itself that it is no good costs none.
//
//nolint:paralleltest,tparallel // one by one, to see which of them runs what
func TestWhoCallsIsOneStatement(t *testing.T) {
	t.Parallel()
	ran := &statements{}
	s := newServer(t, options{onQuery: ran.onQuery})
	ada, root := s.register(), s.registerAdmin()
	forge := newForger(t, ada)
	for _, test := range []struct {
		name   string
		send   request
		status int
		want   string
	}{
		{"one's own account", get(mePath).as(ada), 200, "GetActor"},
		{"once more, with a token that is remembered", get(mePath).as(ada), 200, "GetActor"},
		{"as an admin", get(mePath).as(root), 200, "GetActor"},
		{"one's own sessions", get(mePath + "/sessions").as(ada), 200, "GetActor ListLiveSessions"},
		{"any account", get(usersPath + claimOf(ada, "sub")).as(root), 200, "GetActor GetUser"},
		{"a page of accounts", get("/api/v1/users").as(root), 200, "GetActor ListUsersByAge"},
		{"a page of the audit log", get("/api/v1/audit-events").as(root), 200, "GetActor ListAuditEvents"},
		{"what a role may not do", get("/api/v1/users").as(ada), 403, "GetActor RecordRefusal"},
		{"a request that breaks the contract", get("/api/v1/users?limit=0").as(root), 422, "GetActor"},
		{"no token", get(mePath), 401, ""},
		{"a token of somebody else's making", get(mePath).bearing(forge.with("another secret of thirty-two bytes!!").sign(forge.header(), forge.claims())), 401, ""},
		{"a token past its time", get(mePath).bearing(forge.sign(forge.header(), forge.issued(-3600))), 401, ""},
		{"what is public", get("/.well-known/jwks.json"), 200, ""},
		{"what is public, with a token", get("/health").as(ada), 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				test.send.method = method
				ran.take()
				response, body := s.send(t, test.send)
				want(t, "status", response.StatusCode, test.status, body)
				if got := ran.take(); !slices.Equal(got, strings.Fields(test.want)) {
					t.Errorf("%s runs %q, want %q", method, got, test.want)
				}
			}
		})
	}
}
