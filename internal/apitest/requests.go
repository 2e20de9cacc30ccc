package apitest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
	"example.com/plinth/kit/testdb"
)

// World is a server with accounts in several states.
type World struct {
	*Server

	Ada, Admin Account
	Ended      Account  // whose session was revoked
	Expired    Account  // whose session and refresh token are past their time
	Secrets    []string // which are in no response and no log line
}

// NewWorld starts a server with its accounts.
func NewWorld(t *testing.T) *World {
	t.Helper()
	w := &World{Server: NewServer(t, Options{})}
	w.Ada, w.Admin, w.Ended, w.Expired = w.Register(), w.RegisterAdmin(), w.Register(), w.Register()
	_, err := w.Ended.LogoutAllSessionsWithResponse(t.Context())
	Must(t, err)
	pgtest.Exec(t, w.Database, `WITH expired AS (UPDATE sessions SET expires_at = now() - interval '1 second'
			WHERE user_id = $1 RETURNING id)
		UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE session_id IN (SELECT id FROM expired)`,
		w.User(w.Expired).ID)
	w.Secrets = []string{Password}
	for _, a := range []Account{w.Ada, w.Admin, w.Ended, w.Expired} {
		w.Secrets = append(w.Secrets, a.Tokens.AccessToken, a.Tokens.RefreshToken, w.User(a).PasswordHash)
	}
	return w
}

// journals are the tables to which refused requests may write.
var journals = []string{
	"audit_events", // scaffold:only audit
	"throttles",    // failed passwords
}

// Snapshot returns a digest of all rows, except those of journals.
func (s *Server) Snapshot() string {
	s.T.Helper()
	return testdb.Digest(s.T, s.Database, journals...)
}

// Request is a request that is sent unchanged, valid or not.
type Request = servertest.Request

// Paths of the contract.
const (
	RegisterPath = "/api/v1/auth/register"
	LoginPath    = "/api/v1/auth/login"
	refreshPath  = "/api/v1/auth/refresh"
	MePath       = "/api/v1/users/me"
	UsersPath    = "/api/v1/users/"
)

// Get returns a GET.
func Get(path string) Request { return Request{Method: http.MethodGet, Path: path} }

// Post returns a POST with a JSON body.
func Post(path, body string) Request {
	return Request{Method: http.MethodPost, Path: path, Header: JSONHeader(), Body: body}
}

// Register returns a registration.
func Register(body string) Request { return Post(RegisterPath, body) }

// Login returns a login.
func Login(body string) Request { return Post(LoginPath, body) }

// Refresh returns a refresh.
func Refresh(body string) Request { return Post(refreshPath, body) }

// Send returns the response and its body, which must not have secrets.
func (w *World) Send(t *testing.T, r Request) (*http.Response, []byte) {
	t.Helper()
	response, body := w.Server.Send(t, r)
	servertest.CheckNone(t, string(body), w.Secrets)
	return response, body
}

// Send returns the response and its body.
func (s *Server) Send(t testing.TB, r Request) (*http.Response, []byte) {
	t.Helper()
	return r.Send(t, s.HTTP, s.URL)
}

// secrets are what no response and no log has.
var secrets = servertest.Secrets{
	// Passwords, hashes of passwords and private members of keys.
	Never:   regexp.MustCompile(regexp.QuoteMeta(Password) + `|\$argon2id?\$|\$2[aby]\$\d|"(?:d|p|q|dp|dq|qi|k)":`),
	Tokens:  regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+|\b[rdo]t_[\w-]{40,}`),
	Issuers: []string{RegisterPath, LoginPath, refreshPath, "/api/v1/auth/invitation/acceptance"},
	Public: func(path string) bool { // documentation has examples
		return strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/api/v1/")
	},
}

// findLeaks fails the test if the log, a journal or the queue has secrets, or a journal an e-mail.
func findLeaks(t testing.TB, logs *servertest.Log, database string) {
	t.Helper()
	secrets.Check(t, "the log", logs.String())
	queue := pgtest.Value[string](t, database, "SELECT coalesce(string_agg(j::text, ' '), '') FROM river_job AS j")
	secrets.Check(t, "the queue", queue)
	for _, journal := range journals {
		rows := pgtest.Value[string](t, database, "SELECT coalesce(string_agg(j::text, ' '), '') FROM "+journal+" AS j")
		secrets.Check(t, journal, rows)
		if strings.Contains(rows, "@") {
			t.Errorf("%s has an e-mail: %s", journal, rows)
		}
	}
}
