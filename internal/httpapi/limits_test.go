package httpapi_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/contracttest"
)

// newLimitedServer returns a server that lets requests come from anywhere, and few of them.
func newLimitedServer(t *testing.T, settings map[string]string) *server {
	t.Helper()
	all := map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"}
	maps.Copy(all, settings)
	return newServer(t, options{settings: all})
}

// from sends a request from an address of the client.
func (r request) from(address string) request { return r.with("X-Forwarded-For", address) }

// logIn makes an account and returns its token. The login comes from an address of its own.
func (s *server) logIn(t *testing.T, role domain.Role, address string) string {
	t.Helper()
	user := pgtest.User(t, s.store, pgtest.UserOpts{Role: role})
	response, body := s.send(t, login(`{"email":"`+user.Email+`","password":"`+pgtest.Password+`"}`).from(address))
	want(t, "status of a login", response.StatusCode, http.StatusOK, body)
	_, token, _ := strings.Cut(string(body), `"access_token":"`)
	token, _, _ = strings.Cut(token, `"`)
	return token
}

// TestEveryOperationIsLimited sends to each operation what its class allows, and one request more:
// with an account where one is needed, and without.
func TestEveryOperationIsLimited(t *testing.T) {
	t.Parallel()
	s := newLimitedServer(t, map[string]string{
		"RATE_LIMIT_READ": "1/1h", "RATE_LIMIT_WRITE": "1/1h", "RATE_LIMIT_SESSION": "1/1h",
		"RATE_LIMIT_CREDENTIALS": "1/1h", "RATE_LIMIT_DISCLOSING": "1/1h",
	})
	for i, operation := range contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			r := documented(t, operation)
			stranger, owner := fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("203.0.113.%d", i)
			checkLimit(t, s, operation, r.from(stranger))
			if operation.Role != "" {
				login := fmt.Sprintf("192.0.2.%d", i)
				checkLimit(t, s, operation, r.from(owner).bearing(s.logIn(t, domain.Role(operation.Role), login)))
			}
		})
	}
}

// checkLimit sends a request twice, which is allowed once in an hour.
func checkLimit(t *testing.T, s *server, operation contracttest.Operation, r request) {
	t.Helper()
	for _, allowed := range []bool{true, false} {
		response, body := s.send(t, r)
		if operation.Class == "health" {
			want(t, "RateLimit of health", len(response.Header.Values("RateLimit")), 0, body)
			continue
		}
		want(t, "RateLimit-Policy", response.Header.Get("RateLimit-Policy"), `"`+operation.Class+`";q=1;w=3600`, body)
		want(t, "RateLimit", response.Header.Get("RateLimit"), `"`+operation.Class+`";r=0;t=3600`, body)
		want(t, "refusal", response.StatusCode == http.StatusTooManyRequests, !allowed, body)
		if allowed {
			continue
		}
		want(t, "code", problemOf(t, response, body).Code, apiclient.ProblemCodeRateLimited, body)
		if wait, err := strconv.Atoi(response.Header.Get("Retry-After")); err != nil || wait < 3500 || wait > 3600 {
			t.Errorf("Retry-After is %s, want about an hour", response.Header.Get("Retry-After"))
		}
	}
}

// TestEveryAnswerSaysWhatIsLeft tries the answers that come before a handler is asked, and from it.
func TestEveryAnswerSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	user := s.register()
	for name, test := range map[string]struct {
		request
		status int
		class  string
	}{
		"200":                           {get(mePath).as(user), 200, "read"},
		"HEAD":                          {request{method: http.MethodHead, path: mePath}.as(user), 200, "read"},
		"two tokens":                    {get(mePath).as(user).as(user), 400, "read"},
		"two tokens where none is":      {login(`{}`).as(user).as(user), 400, "credentials"},
		"no token":                      {get(mePath), 401, "read"},
		"a bad token":                   {get(mePath).bearing("x"), 401, "read"},
		"another's operation":           {get(usersPath + "01JD8Z5V3K4N6P7Q8R9S0T1V2W").as(user), 403, "read"},
		"a taken e-mail":                {register(`{"email":"` + user.email + `","password":"` + password + `"}`), 409, "disclosing"},
		"XML":                           {login(`<login/>`).typed("text/xml"), 415, "credentials"},
		"a body that breaks the rules":  {refresh(`{}`), 422, "session"},
		"a query that breaks the rules": {get(mePath + "?x=1").as(user), 422, "read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, body := s.send(t, test.request)
			want(t, "status", response.StatusCode, test.status, body)
			want(t, "policy", response.Header.Get("RateLimit-Policy"), `"`+test.class+`";q=1000000;w=1`, body)
			if !strings.HasPrefix(response.Header.Get("RateLimit"), `"`+test.class+`";r=`) {
				t.Errorf("RateLimit is %s", response.Header.Get("RateLimit"))
			}
		})
	}
}

// exhausted wants the next request to be refused or not.
func exhausted(t *testing.T, s *server, r request, refused bool) {
	t.Helper()
	response, body := s.send(t, r)
	want(t, "refusal", response.StatusCode == http.StatusTooManyRequests, refused, body)
}

func TestAccountsAreCountedWhereverTheyAre(t *testing.T) {
	t.Parallel()
	s := newLimitedServer(t, map[string]string{"RATE_LIMIT_READ": "2/1h"})
	ada, bob := s.logIn(t, domain.RoleUser, "192.0.2.1"), s.logIn(t, domain.RoleUser, "192.0.2.1")
	exhausted(t, s, get(mePath).bearing(ada).from("192.0.2.1"), false)
	exhausted(t, s, get(mePath).bearing(ada).from("192.0.2.2"), false)
	exhausted(t, s, get(mePath).bearing(ada).from("192.0.2.3"), true)
	exhausted(t, s, get(mePath).bearing(bob).from("192.0.2.1"), false)
}

// Accounts of one's own must not multiply the guesses at secrets: passwords, and whether an e-mail
// has an account.
func TestSecretsAreLimitedByNetworkToo(t *testing.T) {
	t.Parallel()
	for class, ask := range map[string]request{
		"DISCLOSING":  {method: http.MethodPatch, path: mePath, header: jsonHeader(), body: `{"name":"Ada"}`},
		"CREDENTIALS": post(mePath+"/deletion", `{"current_password":"wrong"}`),
	} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			s := newLimitedServer(t, map[string]string{"RATE_LIMIT_" + class: "3/1h"})
			ada, bob := s.logIn(t, domain.RoleUser, "192.0.2.8"), s.logIn(t, domain.RoleUser, "192.0.2.9")
			exhausted(t, s, ask.bearing(ada).from("192.0.2.1"), false)
			exhausted(t, s, ask.bearing(ada).from("192.0.2.1"), false)
			exhausted(t, s, ask.bearing(bob).from("192.0.2.1"), false)
			exhausted(t, s, ask.bearing(bob).from("192.0.2.1"), true)
			exhausted(t, s, ask.bearing(bob).from("192.0.2.2"), false)
			exhausted(t, s, ask.bearing(ada).from("192.0.2.2"), false)
			exhausted(t, s, ask.bearing(ada).from("192.0.2.3"), true) // the account's own limit, wherever it is
		})
	}
}

func TestGuessesCountForWiderNetworks(t *testing.T) {
	t.Parallel()
	s := newLimitedServer(t, map[string]string{"RATE_LIMIT_DISCLOSING": "2/1h"})
	register := post("/api/v1/auth/register", `{}`)
	for _, guess := range []struct {
		address string
		refused bool
	}{
		{"2001:db8:0:0::1", false},
		{"2001:db8:0:1::1", false},
		{"2001:db8:0:2::1", false},
		{"2001:db8:0:3::1", true}, // 150 % of 2 for a /56
		{"2001:db8:0:100::1", false},
		{"2001:db8:0:200::1", true}, // 200 % of 2 for a /48
		{"2001:db8:1:0::1", false},
	} {
		exhausted(t, s, register.from(guess.address), guess.refused)
	}
}

// TestStrangersCountOnlyForTheirNetwork holds that whoever has no account can use up what strangers
// of a network have, but nothing of the accounts there.
func TestStrangersCountOnlyForTheirNetwork(t *testing.T) {
	t.Parallel()
	s := newLimitedServer(t, map[string]string{"RATE_LIMIT_READ": "2/1h"})
	ada := s.logIn(t, domain.RoleUser, "2001:db8::1")
	exhausted(t, s, get(mePath).from("2001:db8::2"), false)
	exhausted(t, s, get(mePath).bearing("x").from("2001:db8::3"), false)
	exhausted(t, s, get(mePath).from("2001:db8::ffff:5:6:7"), true)
	exhausted(t, s, get(mePath).bearing(ada).from("2001:db8::2"), false)
	exhausted(t, s, get(mePath).from("2001:db8:0:1::2"), false)
	exhausted(t, s, get(mePath).from("::ffff:192.0.2.1"), false)
	exhausted(t, s, get(mePath).from("192.0.2.1"), false)
	exhausted(t, s, get(mePath).from("192.0.2.1"), true)
}

// countingStore counts how often the database is asked who calls.
type countingStore struct {
	domain.Store
	asked atomic.Int64
}

func (s *countingStore) GetActor(ctx context.Context, sessionID, userID string) (domain.Actor, error) {
	s.asked.Add(1)
	return s.Store.GetActor(ctx, sessionID, userID)
}

func TestWhoeverIsOverTheLimitCostsNoQuery(t *testing.T) {
	t.Parallel()
	counting := &countingStore{}
	s := newServer(t, options{settings: map[string]string{"RATE_LIMIT_READ": "2/1h"}, store: func(store domain.Store) domain.Store {
		counting.Store = store
		return counting
	}})
	user := s.register()
	for i := range 10 {
		exhausted(t, s, get(mePath).as(user), i >= 2)
	}
	want(t, "queries", counting.asked.Load(), 2, nil)
}

// TestEndedSessionsCountAsStrangers holds that a stolen token whose session its owner has ended can
// neither use up the account's requests nor make the database work.
func TestEndedSessionsCountAsStrangers(t *testing.T) {
	t.Parallel()
	counting := &countingStore{}
	s := newServer(t, options{
		settings: map[string]string{"RATE_LIMIT_READ": "10/1h"},
		store: func(store domain.Store) domain.Store {
			counting.Store = store
			return counting
		},
	})
	stolen := s.register()
	_, err := s.client(stolen.tokens.AccessToken).LogoutAllSessionsWithResponse(t.Context())
	must(t, err)
	owner, err := s.client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{Email: stolen.email, Password: password})
	must(t, err)

	asked, started := counting.asked.Load(), time.Now()
	for i := range 50 {
		exhausted(t, s, get(mePath).as(stolen), i > 10) // the first is counted for the account, and then ten for the network
	}
	// Once in five seconds, however long this took.
	queries := counting.asked.Load() - asked
	if most := 1 + int64(time.Since(started)/(5*time.Second)); queries < 1 || queries > most {
		t.Errorf("the database was asked %d times, want at most %d", queries, most)
	}
	exhausted(t, s, get(mePath).bearing(owner.JSON200.AccessToken), false)
}

func TestWhatIsNoOperationIsNotLimited(t *testing.T) {
	t.Parallel()
	s := newLimitedServer(t, map[string]string{"RATE_LIMIT_READ": "1/1h", "CORS_ORIGINS": "https://app.example.com"})
	preflight := request{method: http.MethodOptions, path: mePath}.
		with("Origin", "https://app.example.com").with("Access-Control-Request-Method", "GET")
	for _, r := range []request{get("/health"), get("/health/ready"), get("/nowhere"), get("/api/docs"), preflight} {
		for range 3 {
			response, body := s.send(t, r)
			if response.StatusCode == http.StatusTooManyRequests || response.Header.Get("RateLimit") != "" {
				t.Errorf("%s %s: got %d with %v\n%s", r.method, r.path, response.StatusCode, response.Header, body)
			}
		}
	}
}

func TestLimitsCanBeOffInDevelopment(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{settings: map[string]string{
		"RATE_LIMIT_ENABLED": "false", "RATE_LIMIT_READ": "1/1h", "RATE_LIMIT_DISCLOSING": "1/1h",
	}})
	user := s.register()
	for range 3 {
		response, body := s.send(t, get(mePath).as(user))
		want(t, "status", response.StatusCode, http.StatusOK, body)
		want(t, "RateLimit", response.Header.Get("RateLimit"), "", body)
	}
}
