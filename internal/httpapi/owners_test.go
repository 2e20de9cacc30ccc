package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/contracttest"
)

// owned says of every operation with a parameter in its path whose rows it is about. Of a row that has an owner, everybody
// else must learn nothing and must not change it, as if it were not there; make returns the parameters of one.
var owned = map[string]struct {
	make   func(s *server, owner account) map[string]string
	shared string // why there is no owner to ask, where there is none
}{
	"revokeCurrentUserSession": {make: sessionOf},

	"getUser":            {shared: "admins see all accounts"},
	"updateUser":         {shared: "admins change all accounts"},
	"revokeUserSessions": {shared: "admins end the sessions of all accounts"},
	"clearUserThrottle":  {shared: "admins help all accounts"},
}

func sessionOf(_ *server, owner account) map[string]string {
	return map[string]string{"id": claimOf(owner, "sid")}
}

// TestOwners asks for a row of Ada's as everybody else. They get the 404 that an id gets which nobody has, the row stays as
// it is, and it is in none of their lists. Ada gets at it.
//
//nolint:paralleltest,tparallel // one by one, to see which of them writes
func TestOwners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	operations := contracttest.Operations(t)
	for _, operation := range operations {
		rows, listed := owned[operation.ID]
		if isAboutARow := strings.Contains(operation.Path, "{"); isAboutARow != listed || listed && (rows.make == nil) == (rows.shared == "") {
			t.Errorf("%s: say in owned whose row it is about", operation)
			continue
		}
		if rows.make == nil {
			continue
		}
		t.Run(operation.ID, func(t *testing.T) {
			ada := w.register()
			row := rows.make(w.server, ada)
			for _, stranger := range []account{w.register(), w.registerAdmin()} {
				checkStranger(t, w, operation, row, stranger)
				for _, list := range operations {
					checkList(t, w, list, row, stranger)
				}
			}
			response, body := w.send(t, at(t, operation, row).as(ada))
			if response.StatusCode == http.StatusNotFound {
				t.Errorf("nor does its owner get at it: %s", body)
			}
		})
	}
	for id := range owned {
		if !slices.ContainsFunc(operations, func(operation contracttest.Operation) bool { return operation.ID == id }) {
			t.Errorf("owned has %s, the contract has not", id)
		}
	}
}

// nobodys is a row that is not there.
const nobodys = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"

func checkStranger(t *testing.T, w *world, operation contracttest.Operation, row map[string]string, stranger account) {
	t.Helper()
	absent := map[string]string{}
	for name := range row {
		absent[name] = nobodys
	}
	before := w.snapshot()
	refused, body := w.send(t, at(t, operation, row).as(stranger))
	want(t, "status", refused.StatusCode, http.StatusNotFound, body)
	missing, other := w.send(t, at(t, operation, absent).as(stranger))
	want(t, "status of nobody's", missing.StatusCode, http.StatusNotFound, other)
	want(t, "code", problemOf(t, refused, body).Code, problemOf(t, missing, other).Code, body)
	want(t, "detail", problemOf(t, refused, body).Detail, problemOf(t, missing, other).Detail, body)
	want(t, "database", w.snapshot(), before, nil)
}

// checkList looks for a row in what everybody may list; that admins see all there is, is what their lists are for.
func checkList(t *testing.T, w *world, list contracttest.Operation, row map[string]string, stranger account) {
	t.Helper()
	if list.Method != http.MethodGet || list.Role == "admin" || strings.Contains(list.Path, "{") {
		return
	}
	_, body := w.send(t, get(list.Path).as(stranger))
	for _, id := range row {
		if strings.Contains(string(body), id) {
			t.Errorf("%s shows it: %s", list, body)
		}
	}
}

// at is a request to an operation that keeps the contract, about a row.
func at(t *testing.T, operation contracttest.Operation, row map[string]string) request {
	t.Helper()
	r := documented(t, operation)
	_, query, hasQuery := strings.Cut(r.path, "?")
	r.path = fill(operation.Path, row)
	if hasQuery {
		r.path += "?" + query
	}
	return r
}

// fill puts parameters into the path of an operation.
func fill(path string, parameters map[string]string) string {
	for name, value := range parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}
