package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
	"example.com/plinth/kit/tokentest"
)

// TestNewReportsMissingParts finds missing dependencies and rates, and routes outside of the
// contract, at the start.
func TestNewReportsMissingParts(t *testing.T) {
	t.Parallel()
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	apitest.Must(t, err)
	complete := httpapi.Dependencies{
		Reporter: reporter,
		Health:   httpapi.Health{Ready: func(context.Context) ([]string, error) { return nil, nil }},
	}
	for _, service := range reflect.ValueOf(&complete.Services).Elem().Fields() {
		service.Set(reflect.New(service.Type().Elem()))
	}
	_, err = httpapi.New(complete, httpapi.Options{DocsEnabled: true})
	apitest.Must(t, err)

	withoutSessions, withoutReady := complete, complete
	withoutSessions.Sessions, withoutReady.Health.Ready = nil, nil
	_, err = httpapi.New(withoutSessions, httpapi.Options{})
	checkComplaint(t, err, "service Sessions is missing")
	_, err = httpapi.New(withoutReady, httpapi.Options{})
	checkComplaint(t, err, "readiness is missing")
	rates := map[string]ratelimit.Rate{}
	for _, class := range []string{"read", "write", "session", "credentials", "mail", "disclosing"} {
		for _, useless := range []ratelimit.Rate{{}, {Requests: 1}, {Window: time.Second}} {
			rates[class] = useless
			_, err = httpapi.New(complete, httpapi.Options{RateLimits: &httpkit.RateLimits{Rates: rates}})
			checkComplaint(t, err, "has no rate")
		}
		rates[class] = ratelimit.Rate{Requests: 1, Window: time.Second}
	}
	_, err = httpapi.New(complete, httpapi.Options{RateLimits: &httpkit.RateLimits{Rates: rates}})
	apitest.Must(t, err)
}

// checkComplaint checks that an error contains a text; without a text, that there is no error.
func checkComplaint(t *testing.T, err error, complaint string) {
	t.Helper()
	if complaint == "" {
		apitest.Must(t, err)
		return
	}
	if err == nil || !strings.Contains(err.Error(), complaint) {
		t.Errorf("got %v, want an error with %q", err, complaint)
	}
}

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
	w := apitest.NewWorld(t)
	for _, operation := range apitest.Contract.Operations() {
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
					t.Run(method+" as "+caller.name, func(t *testing.T) { checkAccess(t, w, operation, method, caller) })
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

func newCallers(w *apitest.World) []caller {
	user, admin, inactive, deleted := w.Register(), w.RegisterAdmin(), w.RegisterAdmin(), w.RegisterAdmin()
	isActive := false
	_, err := w.Store.UpdateUser(w.T.Context(), w.User(inactive).ID, domain.UserUpdate{IsActive: &isActive})
	apitest.Must(w.T, err)
	pgtest.Exec(w.T, w.Database, `DELETE FROM users WHERE id = $1`, w.User(deleted).ID)

	forge := apitest.NewForger(w.T, w.Admin)
	hourAgo := -int64(time.Hour / time.Second)
	return []caller{
		{"anonymous", "", []string{""}, 401, noToken},
		{"user", user.Tokens.AccessToken, []string{"", "user"}, 403, lesserRole},
		{"admin", admin.Tokens.AccessToken, []string{"", "user", "admin"}, 0, ""},
		{"inactive", inactive.Tokens.AccessToken, []string{""}, 401, badToken},
		{"deleted", deleted.Tokens.AccessToken, []string{""}, 401, badToken},
		{"revoked", w.Ended.Tokens.AccessToken, []string{""}, 401, badToken},
		{"past the session's time", w.Expired.Tokens.AccessToken, []string{""}, 401, badToken},
		{"expired", forge.Sign(forge.Header(), forge.Issued(hourAgo)), []string{""}, 401, badToken},
		{"wrong algorithm", forge.Sign(forge.Header("alg", "HS512"), forge.Claims()), []string{""}, 401, badToken}, // otherwise valid
		{"no algorithm", tokentest.Unsigned(forge.Header("alg", "none"), forge.Claims(), ""), []string{""}, 401, badToken},
		{"foreign secret", forge.With("a secret of another server").Sign(forge.Header(), forge.Claims()), []string{""}, 401, badToken},
		{"refresh token", w.Admin.Tokens.RefreshToken, []string{""}, 401, badToken},
	}
}

func checkAccess(t *testing.T, w *apitest.World, operation contracttest.Operation, method string, as caller) {
	t.Helper()
	r := apitest.Documented(t, operation)
	r.Method = method
	if as.token != "" {
		r = r.Bearing(as.token)
	}
	before := w.Snapshot()
	response, body := w.Send(t, r)
	if slices.Contains(as.roles, operation.Role) {
		// The request may fail for other reasons: its account may not exist.
		refused := response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden
		if method != http.MethodHead {
			refused = slices.Contains(refusals, apitest.ProblemOf(t, response, body).Code)
		}
		if refused || response.StatusCode >= 500 {
			t.Errorf("got %d\n%s", response.StatusCode, body)
		}
		return
	}
	apitest.Want(t, "status", response.StatusCode, as.status, body)
	apitest.Want(t, "challenge", response.Header.Get("WWW-Authenticate"), as.challenge, body)
	apitest.Want(t, "database", w.Snapshot(), before, nil)
	// The response must not reveal the validity of the request.
	r.Path, _, _ = strings.Cut(r.Path, "?")
	r.Path += "?unknown=1"
	response, body = w.Send(t, r)
	apitest.Want(t, "status of a bad request", response.StatusCode, as.status, body)
}

// refusals are codes for callers without access.
var refusals = []apiclient.ProblemCode{
	apiclient.ProblemCodeUnauthenticated, apiclient.ProblemCodeInvalidToken, apiclient.ProblemCodeForbidden,
}

// TestEveryOperationIsLimited sends to each operation what its class allows, and one request more:
// with an account where one is needed, and without.
func TestEveryOperationIsLimited(t *testing.T) {
	t.Parallel()
	s := apitest.NewLimitedServer(t, map[string]string{
		"RATE_LIMIT_READ": "1/1h", "RATE_LIMIT_WRITE": "1/1h", "RATE_LIMIT_SESSION": "1/1h",
		"RATE_LIMIT_CREDENTIALS": "1/1h", "RATE_LIMIT_DISCLOSING": "1/1h",
		"RATE_LIMIT_MAIL": "1/1h",
	})
	for i, operation := range apitest.Contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			r := apitest.Documented(t, operation)
			stranger, owner := fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("203.0.113.%d", i)
			checkLimit(t, s, operation, r.From(stranger))
			if operation.Role != "" {
				login := fmt.Sprintf("192.0.2.%d", i)
				checkLimit(t, s, operation, r.From(owner).Bearing(s.LogIn(t, domain.Role(operation.Role), login)))
			}
		})
	}
}

// checkLimit sends a request twice, which is allowed once in an hour.
func checkLimit(t *testing.T, s *apitest.Server, operation contracttest.Operation, r apitest.Request) {
	t.Helper()
	for _, allowed := range []bool{true, false} {
		response, body := s.Send(t, r)
		if operation.Class == "health" {
			apitest.Want(t, "RateLimit of health", len(response.Header.Values("RateLimit")), 0, body)
			continue
		}
		apitest.Want(t, "RateLimit-Policy", response.Header.Get("RateLimit-Policy"), `"`+operation.Class+`";q=1;w=3600`, body)
		apitest.Want(t, "RateLimit", response.Header.Get("RateLimit"), `"`+operation.Class+`";r=0;t=3600`, body)
		apitest.Want(t, "refusal", response.StatusCode == http.StatusTooManyRequests, !allowed, body)
		if allowed {
			continue
		}
		apitest.Want(t, "code", apitest.ProblemOf(t, response, body).Code, apiclient.ProblemCodeRateLimited, body)
		if wait, err := strconv.Atoi(response.Header.Get("Retry-After")); err != nil || wait < 3500 || wait > 3600 {
			t.Errorf("Retry-After is %s, want about an hour", response.Header.Get("Retry-After"))
		}
	}
}

var healthFixture = fixture{public: []string{"getHealth", "getReadiness"}}

func TestGetHealth(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	s.Store.Close() // it needs no database

	health, err := s.Client("").GetHealthWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", health.StatusCode(), http.StatusOK, health.Body)
	apitest.Want(t, "version", health.JSON200.Version, "v0.0.0-test", health.Body)
	response, body := s.Do(http.MethodHead, "/health", nil, "")
	apitest.Want(t, "HEAD", response.StatusCode, http.StatusOK, []byte(body))
	apitest.Want(t, "body of HEAD", body, "", nil)
}

func TestGetReadiness(t *testing.T) {
	t.Parallel()
	failure := (&domain.Error{Code: domain.CodeNotReady, Message: "Not ready: the database does not answer."}).
		Because(errors.New("password authentication failed for user"))
	var (
		degraded []string
		missing  error
	)
	s := apitest.NewServer(t, apitest.Options{Ready: func(context.Context) ([]string, error) { return degraded, missing }})

	ready, err := s.Client("").GetReadinessWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", ready.StatusCode(), http.StatusOK, ready.Body)
	apitest.Want(t, "body", string(ready.Body), `{"status":"ready"}`+"\n", nil)

	degraded = []string{"writes"}
	ready, err = s.Client("").GetReadinessWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", ready.StatusCode(), http.StatusOK, ready.Body)
	apitest.Want(t, "body", string(ready.Body), `{"degraded":["writes"],"status":"degraded"}`+"\n", nil)

	missing = failure
	notReady, err := s.Client("").GetReadinessWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", notReady.StatusCode(), http.StatusServiceUnavailable, notReady.Body)
	apitest.Want(t, "detail", notReady.ApplicationProblemJSON503.Detail, failure.Message, notReady.Body)
	if strings.Contains(string(notReady.Body), "password") {
		t.Error("the cause is told to the caller")
	}
}
