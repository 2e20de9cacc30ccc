package protocol_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/apitest"
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

// To find out who calls costs one statement, which reads session and user at once: what else a
// request runs is its own. A token that says by itself that it is no good costs none.
//
//nolint:paralleltest,tparallel // one by one, to see which of them runs what
func TestAuthenticationIsOneStatement(t *testing.T) {
	t.Parallel()
	ran := &statements{}
	s := apitest.NewServer(t, apitest.Options{OnQuery: ran.onQuery})
	ada, root := s.Register(), s.RegisterAdmin()
	forge := apitest.NewForger(t, ada)
	for _, test := range []struct {
		name   string
		send   apitest.Request
		status int
		want   string
	}{
		{"one's own account", apitest.Get(apitest.MePath).As(ada), 200, "GetActor"},
		{"once more, with a token that is remembered", apitest.Get(apitest.MePath).As(ada), 200, "GetActor"},
		{"as an admin", apitest.Get(apitest.MePath).As(root), 200, "GetActor"},
		{"one's own sessions", apitest.Get(apitest.MePath + "/sessions").As(ada), 200, "GetActor ListLiveSessions"},
		{"any account", apitest.Get(apitest.UsersPath + apitest.ClaimOf(ada, "sub")).As(root), 200, "GetActor GetUser"},
		{"a page of accounts", apitest.Get("/api/v1/users").As(root), 200, "GetActor ListUsersByAge"},
		{"a page of the audit log", apitest.Get("/api/v1/audit-events").As(root), 200, "GetActor ListAuditEvents"},
		{"what a role may not do", apitest.Get("/api/v1/users").As(ada), 403, "GetActor RecordRefusal"},
		{"a request that breaks the contract", apitest.Get("/api/v1/users?limit=0").As(root), 422, "GetActor"},
		{"no token", apitest.Get(apitest.MePath), 401, ""},
		{"a token with another signature", apitest.Get(apitest.MePath).Bearing(forge.With("another secret of thirty-two bytes!!").Sign(forge.Header(), forge.Claims())), 401, ""},
		{"a token past its time", apitest.Get(apitest.MePath).Bearing(forge.Sign(forge.Header(), forge.Issued(-3600))), 401, ""},
		{"what is public", apitest.Get("/.well-known/jwks.json"), 200, ""},
		{"what is public, with a token", apitest.Get("/health").As(ada), 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				test.send.Method = method
				ran.take()
				response, body := s.Send(t, test.send)
				apitest.Want(t, "status", response.StatusCode, test.status, body)
				if got := ran.take(); !slices.Equal(got, strings.Fields(test.want)) {
					t.Errorf("%s runs %q, want %q", method, got, test.want)
				}
			}
		})
	}
}
