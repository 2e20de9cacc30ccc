package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/contracttest"
	"example.com/plinth/internal/domain"
)

// owned lists the operations that take identifiers of rows: in their path, or as x_id in their query or body. Each row with
// an owner must be out of reach of all others, and of its owner through another parent.
var owned = map[string]struct {
	// make creates a row of an account, with new parents, and returns the identifiers of all of them by the names that they
	// have in requests: a task of a project is {"project_id": …, "id": …}.
	make func(s *server, owner account) map[string]string
	// shared says why there is no owner, where there is none.
	shared string
	// except names identifiers that may be those of other rows.
	except contracttest.Exceptions
}{
	"revokeCurrentUserSession": {make: sessionOf},

	"getUser":            {shared: "admins see all accounts"},
	"updateUser":         {shared: "admins change all accounts"},
	"revokeUserSessions": {shared: "admins end the sessions of all accounts"},
	"clearUserThrottle":  {shared: "admins help all accounts"},
	"listAuditEvents":    {shared: "admins see all events"},
}

func sessionOf(_ *server, owner account) map[string]string {
	return map[string]string{"id": claimOf(owner, "sid")}
}

// TestOwners sends each operation in owned with identifiers that do not belong together, as a stranger and as the owner.
//
//nolint:paralleltest,tparallel // one by one, to see which of them writes
func TestOwners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	operations := contracttest.Operations(t)
	check := contracttest.Ownership{Client: w.http, URL: w.url, Lists: operations, Snapshot: w.snapshot}
	for _, operation := range operations {
		rows, listed := owned[operation.ID]
		if takesRows := len(operation.References()) > 0; takesRows != listed || listed && (rows.make == nil) == (rows.shared == "") {
			t.Errorf("%s: say in owned whose rows it takes: %v", operation, operation.References())
			continue
		}
		if rows.make == nil {
			continue
		}
		t.Run(operation.ID, func(t *testing.T) {
			s := w.in(t)
			rowsOf := func(owner account) contracttest.RowOwner {
				return contracttest.RowOwner{Token: owner.tokens.AccessToken, Row: rows.make(s, owner), Other: rows.make(s, owner)}
			}
			owner, strangers := s.register, []contracttest.RowOwner{rowsOf(s.registerAdmin())}
			if operation.Role == string(domain.RoleAdmin) {
				owner = s.registerAdmin
			} else {
				strangers = append(strangers, rowsOf(s.register()))
			}
			check.Check(t, operation, rows.except, rowsOf(owner()), strangers...)
		})
	}
	for id := range owned {
		if !slices.ContainsFunc(operations, func(operation contracttest.Operation) bool { return operation.ID == id }) {
			t.Errorf("owned has %s, the contract has not", id)
		}
	}
}

// fill puts parameters into the path of an operation.
func fill(path string, parameters map[string]string) string {
	for name, value := range parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}
