package protocol_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
)

// TestResponsesHaveRateLimitHeaders tries the answers that come before a handler is asked, and from it.
func TestResponsesHaveRateLimitHeaders(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	user := s.Register()
	for name, test := range map[string]struct {
		apitest.Request
		status int
		class  string
	}{
		"200":                           {apitest.Get(apitest.MePath).As(user), 200, "read"},
		"HEAD":                          {apitest.Request{Method: http.MethodHead, Path: apitest.MePath}.As(user), 200, "read"},
		"two tokens":                    {apitest.Get(apitest.MePath).As(user).As(user), 400, "read"},
		"two tokens where none is":      {apitest.Login(`{}`).As(user).As(user), 400, "credentials"},
		"no token":                      {apitest.Get(apitest.MePath), 401, "read"},
		"a bad token":                   {apitest.Get(apitest.MePath).Bearing("x"), 401, "read"},
		"another's operation":           {apitest.Get(apitest.UsersPath + "01JD8Z5V3K4N6P7Q8R9S0T1V2W").As(user), 403, "read"},
		"a taken e-mail":                {apitest.Register(`{"email":"` + user.Email + `","password":"` + apitest.Password + `"}`), 409, "disclosing"},
		"XML":                           {apitest.Login(`<login/>`).Typed("text/xml"), 415, "credentials"},
		"a body that breaks the rules":  {apitest.Refresh(`{}`), 422, "session"},
		"a query that breaks the rules": {apitest.Get(apitest.MePath + "?x=1").As(user), 422, "read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, body := s.Send(t, test.Request)
			apitest.Want(t, "status", response.StatusCode, test.status, body)
			apitest.Want(t, "policy", response.Header.Get("RateLimit-Policy"), `"`+test.class+`";q=1000000;w=1`, body)
			if !strings.HasPrefix(response.Header.Get("RateLimit"), `"`+test.class+`";r=`) {
				t.Errorf("RateLimit is %s", response.Header.Get("RateLimit"))
			}
		})
	}
}

// exhausted wants the next request to be refused or not.
func exhausted(t *testing.T, s *apitest.Server, r apitest.Request, refused bool) {
	t.Helper()
	response, body := s.Send(t, r)
	apitest.Want(t, "refusal", response.StatusCode == http.StatusTooManyRequests, refused, body)
}

func TestAccountsAreLimitedAcrossAddresses(t *testing.T) {
	t.Parallel()
	s := apitest.NewLimitedServer(t, map[string]string{"RATE_LIMIT_READ": "2/1h"})
	ada, bob := s.LogIn(t, domain.RoleUser, "192.0.2.1"), s.LogIn(t, domain.RoleUser, "192.0.2.1")
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing(ada).From("192.0.2.1"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing(ada).From("192.0.2.2"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing(ada).From("192.0.2.3"), true)
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing(bob).From("192.0.2.1"), false)
}

// Accounts of one's own must not multiply the guesses at secrets: passwords, and whether an e-mail
// has an account.
func TestSecretsAreLimitedByNetworkToo(t *testing.T) {
	t.Parallel()
	for class, ask := range map[string]apitest.Request{
		"DISCLOSING":  {Method: http.MethodPatch, Path: apitest.MePath, Header: apitest.JSONHeader(), Body: `{"name":"Ada"}`},
		"CREDENTIALS": apitest.Post(apitest.MePath+"/deletion", `{"current_password":"wrong"}`),
	} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			s := apitest.NewLimitedServer(t, map[string]string{"RATE_LIMIT_" + class: "3/1h"})
			ada, bob := s.LogIn(t, domain.RoleUser, "192.0.2.8"), s.LogIn(t, domain.RoleUser, "192.0.2.9")
			exhausted(t, s, ask.Bearing(ada).From("192.0.2.1"), false)
			exhausted(t, s, ask.Bearing(ada).From("192.0.2.1"), false)
			exhausted(t, s, ask.Bearing(bob).From("192.0.2.1"), false)
			exhausted(t, s, ask.Bearing(bob).From("192.0.2.1"), true)
			exhausted(t, s, ask.Bearing(bob).From("192.0.2.2"), false)
			exhausted(t, s, ask.Bearing(ada).From("192.0.2.2"), false)
			exhausted(t, s, ask.Bearing(ada).From("192.0.2.3"), true) // the account's own limit, wherever it is
		})
	}
}

func TestGuessesCountForWiderNetworks(t *testing.T) {
	t.Parallel()
	s := apitest.NewLimitedServer(t, map[string]string{"RATE_LIMIT_DISCLOSING": "2/1h"})
	register := apitest.Post("/api/v1/auth/register", `{}`)
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
		exhausted(t, s, register.From(guess.address), guess.refused)
	}
}

// TestUnauthenticatedRequestsCountByNetwork shows that unauthenticated requests use up the limit of
// their network, but not those of the accounts there.
func TestUnauthenticatedRequestsCountByNetwork(t *testing.T) {
	t.Parallel()
	s := apitest.NewLimitedServer(t, map[string]string{"RATE_LIMIT_READ": "2/1h"})
	ada := s.LogIn(t, domain.RoleUser, "2001:db8::1")
	exhausted(t, s, apitest.Get(apitest.MePath).From("2001:db8::2"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing("x").From("2001:db8::3"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).From("2001:db8::ffff:5:6:7"), true)
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing(ada).From("2001:db8::2"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).From("2001:db8:0:1::2"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).From("::ffff:192.0.2.1"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).From("192.0.2.1"), false)
	exhausted(t, s, apitest.Get(apitest.MePath).From("192.0.2.1"), true)
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

func TestLimitedRequestsMakeNoQuery(t *testing.T) {
	t.Parallel()
	counting := &countingStore{}
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"RATE_LIMIT_READ": "2/1h"}, Store: func(store domain.Store) domain.Store {
		counting.Store = store
		return counting
	}})
	user := s.Register()
	for i := range 10 {
		exhausted(t, s, apitest.Get(apitest.MePath).As(user), i >= 2)
	}
	apitest.Want(t, "queries", counting.asked.Load(), 2, nil)
}

// TestEndedSessionsCountByNetwork checks that the token of an ended session neither uses up the limit
// of its account nor causes queries.
func TestEndedSessionsCountByNetwork(t *testing.T) {
	t.Parallel()
	counting := &countingStore{}
	s := apitest.NewServer(t, apitest.Options{
		Settings: map[string]string{"RATE_LIMIT_READ": "10/1h"},
		Store: func(store domain.Store) domain.Store {
			counting.Store = store
			return counting
		},
	})
	stolen := s.Register()
	_, err := s.Client(stolen.Tokens.AccessToken).LogoutAllSessionsWithResponse(t.Context())
	apitest.Must(t, err)
	owner, err := s.Client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{Email: stolen.Email, Password: apitest.Password})
	apitest.Must(t, err)

	asked, started := counting.asked.Load(), time.Now()
	for i := range 50 {
		exhausted(t, s, apitest.Get(apitest.MePath).As(stolen), i > 10) // the first is counted for the account, and then ten for the network
	}
	// Once in five seconds, however long this took.
	queries := counting.asked.Load() - asked
	if most := 1 + int64(time.Since(started)/(5*time.Second)); queries < 1 || queries > most {
		t.Errorf("the database was asked %d times, want at most %d", queries, most)
	}
	exhausted(t, s, apitest.Get(apitest.MePath).Bearing(owner.JSON200.AccessToken), false)
}

func TestOtherRoutesAreNotLimited(t *testing.T) {
	t.Parallel()
	s := apitest.NewLimitedServer(t, map[string]string{"RATE_LIMIT_READ": "1/1h", "CORS_ORIGINS": "https://app.example.com"})
	preflight := apitest.Request{Method: http.MethodOptions, Path: apitest.MePath}.
		With("Origin", "https://app.example.com").With("Access-Control-Request-Method", "GET")
	for _, r := range []apitest.Request{apitest.Get("/health"), apitest.Get("/health/ready"), apitest.Get("/nowhere"), apitest.Get("/api/docs"), preflight} {
		for range 3 {
			response, body := s.Send(t, r)
			if response.StatusCode == http.StatusTooManyRequests || response.Header.Get("RateLimit") != "" {
				t.Errorf("%s %s: got %d with %v\n%s", r.Method, r.Path, response.StatusCode, response.Header, body)
			}
		}
	}
}

func TestLimitsCanBeOffInDevelopment(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{
		"RATE_LIMIT_ENABLED": "false", "RATE_LIMIT_READ": "1/1h", "RATE_LIMIT_DISCLOSING": "1/1h",
	}})
	user := s.Register()
	for range 3 {
		response, body := s.Send(t, apitest.Get(apitest.MePath).As(user))
		apitest.Want(t, "status", response.StatusCode, http.StatusOK, body)
		apitest.Want(t, "RateLimit", response.Header.Get("RateLimit"), "", body)
	}
}
