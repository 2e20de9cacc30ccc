package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/contracttest"
)

// TestAccess sends a valid request to each operation as each caller. Callers with access get
// through; the others are refused and change nothing. Operations and roles come from the contract;
// only the fixture of a noun declares an operation public.
//
//nolint:paralleltest,tparallel // sequential, to see which request writes
func TestAccess(t *testing.T) {
	t.Parallel()
	var public []string
	for _, noun := range fixtures {
		public = append(public, noun.public...)
	}
	w := newWorld(t)
	for _, operation := range contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			if (operation.Role == "") != slices.Contains(public, operation.ID) {
				t.Errorf("x-required-role is %q: list public operations in the fixture of their noun", operation.Role)
			}
			methods := []string{operation.Method}
			if operation.Method == http.MethodGet {
				methods = append(methods, http.MethodHead)
			}
			callers := newCallers(w) // anew, because operations may end sessions and accounts
			for _, method := range methods {
				for _, caller := range callers {
					t.Run(method+" as "+caller.name, func(t *testing.T) {
						checkAccess(t, w, operation, method, caller)
					})
				}
			}
		})
	}
}

// caller is the sender of a request, and the result for operations without access.
type caller struct {
	name, token string
	roles       []string // with access
	status      int      // without access
	challenge   string   // without access, RFC 6750
}

// Values of WWW-Authenticate for callers without access.
const (
	noToken    = `Bearer realm="api"`
	badToken   = `Bearer realm="api", error="invalid_token"`
	lesserRole = `Bearer realm="api", error="insufficient_scope"`
)

func newCallers(w *world) []caller {
	user, admin, inactive, deleted := w.register(), w.registerAdmin(), w.registerAdmin(), w.registerAdmin()
	isActive := false
	_, err := w.store.UpdateUser(w.t.Context(), w.user(inactive).ID, domain.UserUpdate{IsActive: &isActive})
	must(w.t, err)
	_, err = w.db.ExecContext(w.t.Context(), `DELETE FROM users WHERE id = $1`, w.user(deleted).ID)
	must(w.t, err)

	forge := newForger(w.t, w.admin)
	hourAgo := -int64(time.Hour / time.Second)
	return []caller{
		{"anonymous", "", []string{""}, 401, noToken},
		{"user", user.tokens.AccessToken, []string{"", "user"}, 403, lesserRole},
		{"admin", admin.tokens.AccessToken, []string{"", "user", "admin"}, 0, ""},
		{"inactive", inactive.tokens.AccessToken, []string{""}, 401, badToken},
		{"deleted", deleted.tokens.AccessToken, []string{""}, 401, badToken},
		{"revoked", w.ended.tokens.AccessToken, []string{""}, 401, badToken},
		{"past the session's time", w.expired.tokens.AccessToken, []string{""}, 401, badToken},
		{"expired", forge.sign(forge.header(), forge.issued(hourAgo)), []string{""}, 401, badToken},
		{"wrong algorithm", forge.sign(forge.header("alg", "HS512"), forge.claims()), []string{""}, 401, badToken}, // otherwise valid
		{"no algorithm", unsigned(forge.header("alg", "none"), forge.claims(), ""), []string{""}, 401, badToken},
		{"foreign secret", forge.with("a secret of another server").sign(forge.header(), forge.claims()), []string{""}, 401, badToken},
		{"refresh token", w.admin.tokens.RefreshToken, []string{""}, 401, badToken},
	}
}

func checkAccess(t *testing.T, w *world, operation contracttest.Operation, method string, as caller) {
	t.Helper()
	r := documented(t, operation)
	r.method = method
	if as.token != "" {
		r = r.bearing(as.token)
	}
	before := w.snapshot()
	response, body := w.send(t, r)
	if slices.Contains(as.roles, operation.Role) {
		// The request may fail for other reasons: its account may not exist.
		refused := response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden
		if method != http.MethodHead {
			refused = slices.Contains(refusals, problemOf(t, response, body).Code)
		}
		if refused || response.StatusCode >= 500 {
			t.Errorf("got %d\n%s", response.StatusCode, body)
		}
		return
	}
	want(t, "status", response.StatusCode, as.status, body)
	want(t, "challenge", response.Header.Get("WWW-Authenticate"), as.challenge, body)
	want(t, "database", w.snapshot(), before, nil)
	// The response must not reveal the validity of the request.
	r.path, _, _ = strings.Cut(r.path, "?")
	r.path += "?unknown=1"
	response, body = w.send(t, r)
	want(t, "status of a bad request", response.StatusCode, as.status, body)
}

// refusals are codes for callers without access.
var refusals = []apiclient.ProblemCode{
	apiclient.ProblemCodeUnauthenticated, apiclient.ProblemCodeInvalidToken, apiclient.ProblemCodeForbidden,
}

// problemOf returns the problem of a response; the zero value if it is none.
func problemOf(t *testing.T, response *http.Response, body []byte) (problem apiclient.Problem) {
	t.Helper()
	if response.Header.Get("Content-Type") == "application/problem+json" && len(body) > 0 {
		must(t, json.Unmarshal(body, &problem))
	}
	return problem
}

// documented returns a valid request.
func documented(t *testing.T, operation contracttest.Operation) request {
	t.Helper()
	for _, candidate := range contracttest.Requests(t, operation, 1, 100) {
		if candidate.Refusals == nil && !candidate.Chunked {
			return request{
				method: operation.Method, path: candidate.Target, header: candidate.Header.Clone(), body: string(candidate.Body),
			}
		}
	}
	t.Fatalf("no valid request to %s was found", operation)
	return request{}
}
