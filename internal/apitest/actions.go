package apitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/tokentest"
)

// Contract validates the responses to the tests. It is the contract of the service.
var Contract = contracttest.MustParse(apicontract.OpenAPI, contracttest.Options{
	Roles: apicontract.Roles(),
	Pages: []string{"/api/openapi.json", "/api/openapi.yaml", "/api/docs", "/api/redoc"},
})

// ProblemOf returns the problem of a response; the zero value if it is none.
func ProblemOf(t *testing.T, response *http.Response, body []byte) (problem apiclient.Problem) {
	t.Helper()
	if response.Header.Get("Content-Type") == "application/problem+json" && len(body) > 0 {
		Must(t, json.Unmarshal(body, &problem))
	}
	return problem
}

// Documented returns a valid request.
func Documented(t testing.TB, operation contracttest.Operation) Request {
	t.Helper()
	r := contracttest.Valid(t, operation)
	return Request{Method: operation.Method, Path: r.Target, Header: r.Header.Clone(), Body: string(r.Body)}
}

// scaffold:begin audit

// Events returns a page of audit events.
func (a Account) Events(t testing.TB, params apiclient.ListAuditEventsParams) apiclient.AuditEventList {
	t.Helper()
	page, err := a.ListAuditEventsWithResponse(t.Context(), &params)
	Must(t, err)
	Want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
	return *page.JSON200
}

// scaffold:end audit

// WantSession checks that both tokens of a session work, or neither. It uses up the refresh token.
func (s *Server) WantSession(t *testing.T, of Account, live bool) {
	t.Helper()
	wanted := http.StatusUnauthorized
	if live {
		wanted = http.StatusOK
	}
	me, body := s.Send(t, Get(MePath).As(of))
	Want(t, "status of the access token", me.StatusCode, wanted, body)
	if !live {
		Want(t, "code", ProblemOf(t, me, body).Code, apiclient.ProblemCodeInvalidToken, body)
	}
	refreshed, body := s.Send(t, Refresh(fmt.Sprintf(`{"refresh_token":%q}`, of.Tokens.RefreshToken)))
	Want(t, "status of the refresh token", refreshed.StatusCode, wanted, body)
}

// SignedBy returns the settings of a server that signs with a key set.
func SignedBy(t testing.TB, keys *auth.KeySet) map[string]string {
	t.Helper()
	return map[string]string{"JWT_ALGORITHM": keys.Algorithm(), "JWT_KEYS_FILE": tokentest.KeysFile(t, keys)}
}

// NewForger returns a forger of tokens that resemble an account's access token.
func NewForger(t testing.TB, a Account) tokentest.Forger {
	t.Helper()
	return tokentest.New(t, a.Tokens.AccessToken, jwtSecret)
}

// ClaimOf returns a text in the claims of an account's access token.
func ClaimOf(a Account, name string) string { return tokentest.Claim(a.Tokens.AccessToken, name) }

// Change returns a request that changes the account.
func Change(a Account, body string) Request {
	return Request{Method: http.MethodPatch, Path: MePath, Header: JSONHeader(), Body: body}.As(a)
}

// NewLimitedServer returns a server that trusts X-Forwarded-For, for limits by address.
func NewLimitedServer(t *testing.T, settings map[string]string) *Server {
	t.Helper()
	all := map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"}
	maps.Copy(all, settings)
	return NewServer(t, Options{Settings: all})
}

// LogIn creates an account and returns its access token. The login comes from the address.
func (s *Server) LogIn(t *testing.T, role domain.Role, address string) string {
	t.Helper()
	user := pgtest.User(t, s.Store, pgtest.UserOpts{Role: role})
	response, body := s.Send(t, Login(`{"email":"`+user.Email+`","password":"`+pgtest.Password+`"}`).From(address))
	Want(t, "status of a login", response.StatusCode, http.StatusOK, body)
	var tokens apiclient.TokenResponse
	Must(t, json.Unmarshal(body, &tokens))
	return tokens.AccessToken
}

// Login opens another session of an account.
func (s *Server) Login(t *testing.T, a Account) Account {
	t.Helper()
	_, body := s.Send(t, Login(Credentials(a.Email, Password)))
	Must(t, json.Unmarshal(body, &a.Tokens))
	a.ClientWithResponses = s.Client(a.Tokens.AccessToken)
	return a
}

// FailToLogIn uses up the failures without delay. A refusal would be recorded, and count those
// after it.
func (s *Server) FailToLogIn(t *testing.T, email string, failures int) {
	t.Helper()
	for range failures {
		response, body := s.Send(t, Login(Credentials(email, "wrong")))
		Want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
	}
}

// Credentials returns the body of a login.
func Credentials(email, password string) string {
	return fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
}

// UnknownLogin is the body of a login without an account.
const UnknownLogin = `{"email":"nobody@example.com","password":"something longer than that"}`

// RunJobs runs the jobs that wait, and those that they enqueue, and returns how many ran. A job that
// has failed runs again. No other job runs: the server of a test has no workers. Concurrent calls wait
// for each other, so that the jobs enqueued before a call have run after it.
func (s *Server) RunJobs(t testing.TB) int {
	t.Helper()
	s.Mails.running.Lock()
	defer s.Mails.running.Unlock()
	ran, err := s.NewWorkers(s.Store).RunWaiting(t.Context())
	Must(t, err)
	return ran
}
