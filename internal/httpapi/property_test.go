package httpapi_test

import (
	"flag"
	"maps"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/contracttest"
)

// How far the property test goes; `make fuzz` goes further.
var (
	propertySeed     = flag.Uint64("property.seed", 1, "seed of the requests that are derived from the contract")
	propertyRequests = flag.Int("property.requests", 200, "requests derived from the contract for each operation and caller")
)

// TestContractProperties sends what the contract allows, and everything near it that it does not, to every operation. No
// answer may be a 5xx or undocumented, and what breaks the contract must be refused.
func TestContractProperties(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	known := s.knownToAll()
	for _, operation := range contracttest.Operations(t) {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			callers := []*contracttest.Caller{{}, {Role: "user"}, {Role: "admin"}}
			for i, caller := range callers {
				newAccount := s.register
				if caller.Role == "admin" {
					newAccount = s.registerAdmin
				}
				somebody := newAccount()
				if caller.Role != "" {
					caller.Token = somebody.tokens.AccessToken
					caller.Renew = func() string { return newAccount().tokens.AccessToken }
				}
				mine := s.knownTo(somebody, known)
				if rows := owned[operation.ID]; rows.make != nil && operation.Allows(caller.Role) {
					mine = mine.With(rows.make(s, somebody))
				}
				requests := mine.Requests(t, operation, *propertySeed+uint64(i), share(operation, caller, callers))
				for _, request := range requests {
					request.Send(t, s.http, s.url, caller)
				}
			}
		})
	}
}

// share is how many requests a caller sends. Those who may call an operation have most of them: for the others, they are
// all the same.
func share(operation contracttest.Operation, caller *contracttest.Caller, callers []*contracttest.Caller) int {
	allowed := 0
	for _, c := range callers {
		if operation.Allows(c.Role) {
			allowed++
		}
	}
	if !operation.Allows(caller.Role) {
		return *propertyRequests / 4
	}
	return *propertyRequests * len(callers) / allowed
}

// knownToAll are values that mean something, in a database that is still new: the pages that the cursors lead to are the
// last ones, since all that is created later comes before them.
func (s *server) knownToAll() contracttest.Known {
	s.t.Helper()
	victim, admin := s.register(), s.registerAdmin()
	one := int32(1)
	users, err := admin.ListUsersWithResponse(s.t.Context(), &apiclient.ListUsersParams{Limit: &one})
	must(s.t, err)
	events, err := admin.ListAuditEventsWithResponse(s.t.Context(), &apiclient.ListAuditEventsParams{Limit: &one})
	must(s.t, err)
	if users.JSON200 == nil || users.JSON200.NextCursor == nil || events.JSON200 == nil || events.JSON200.NextCursor == nil {
		s.t.Fatalf("there is no second page: %s %s", users.Body, events.Body)
	}
	id := s.user(victim).ID
	return contracttest.Known{
		"id": {id}, "actor_id": {id}, "target_id": {id},
		"search":   {victim.email},
		"cursor":   {*users.JSON200.NextCursor, *events.JSON200.NextCursor},
		"If-Match": {"*"},
	}
}

// knownTo adds what an account knows of itself.
func (s *server) knownTo(a account, all contracttest.Known) contracttest.Known {
	s.t.Helper()
	sessions, err := a.ListCurrentUserSessionsWithResponse(s.t.Context())
	must(s.t, err)
	if sessions.JSON200 == nil {
		s.t.Fatalf("listing sessions: %s", sessions.Body)
	}
	known := maps.Clone(all)
	known["id"] = append([]any{sessions.JSON200.Items[0].ID}, all["id"]...)
	known["email"] = []any{a.email}
	known["password"], known["current_password"] = []any{password}, []any{password}
	known["refresh_token"] = []any{a.tokens.RefreshToken}
	return known
}
