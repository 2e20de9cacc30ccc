package apitest

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/tokentest"
)

// World is a server with accounts in several states.
type World struct {
	*Server

	DB           *sql.DB
	AllRows      string // the statement of snapshot
	Ada, Admin   Account
	Ended        Account // whose session was revoked
	Expired      Account // whose session and refresh token are past their time
	UnknownToken string  // a refresh token that is well-formed
	Keys         tokentest.Forger
	Secrets      []string // what no answer and no log line may hold
}

// NewWorld starts a server with its accounts.
func NewWorld(t *testing.T) *World {
	t.Helper()
	w := &World{Server: NewServer(t, Options{})}
	w.DB = w.OpenDatabase()
	w.AllRows = AllRowsQuery(t, w.DB)
	w.Ada, w.Admin, w.Ended, w.Expired = w.Register(), w.RegisterAdmin(), w.Register(), w.Register()
	_, err := w.Ended.LogoutAllSessionsWithResponse(t.Context())
	Must(t, err)
	w.expire(w.Expired)
	token, err := auth.NewRefreshToken(rand.Reader)
	Must(t, err)
	w.UnknownToken, w.Keys = token.Reveal(), NewForger(t, w.Ada)
	w.Secrets = []string{Password, w.UnknownToken}
	for _, a := range []Account{w.Ada, w.Admin, w.Ended, w.Expired} {
		w.Secrets = append(w.Secrets, a.Tokens.AccessToken, a.Tokens.RefreshToken, w.User(a).PasswordHash)
	}
	return w
}

// expire ends the sessions of an account, and their refresh tokens, by time.
func (w *World) expire(a Account) {
	w.T.Helper()
	for _, statement := range []string{
		`UPDATE refresh_tokens SET expires_at = now() - interval '1 second'
			WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
		`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
	} {
		_, err := w.DB.ExecContext(w.T.Context(), statement, w.User(a).ID)
		Must(w.T, err)
	}
}

// OpenDatabase connects the test to the database of the server.
func (s *Server) OpenDatabase() *sql.DB {
	s.T.Helper()
	db, err := sql.Open("pgx", s.Database)
	Must(s.T, err)
	s.T.Cleanup(func() { Must(s.T, db.Close()) })
	return db
}

// journals are the tables to which refused requests may write, each with the reason.
var journals = map[string]string{
	"audit_events": "who was refused what is told there", // scaffold:only audit
	"throttles":    "failed passwords are counted there",
}

// Snapshot returns a digest of all rows, except those of journals.
func (w *World) Snapshot() string {
	w.T.Helper()
	var digest string
	Must(w.T, w.DB.QueryRowContext(w.T.Context(), w.AllRows).Scan(&digest))
	return digest
}

// AllRowsQuery returns a statement that digests all rows of all tables.
func AllRowsQuery(t *testing.T, db *sql.DB) string {
	t.Helper()
	var selects []string
	for _, table := range Tables(t, db) {
		if _, isJournal := journals[table]; !isJournal {
			selects = append(selects, fmt.Sprintf(`SELECT '%[1]s' || rows::text AS row FROM %[1]s AS rows`, table))
		}
	}
	return `SELECT coalesce(md5(string_agg(row, '|' ORDER BY row)), '') FROM (` + strings.Join(selects, " UNION ALL ") + `) AS all_rows`
}

// Tables returns the names of all tables.
func Tables(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	const query = `SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`
	rows, err := db.QueryContext(t.Context(), query)
	Must(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err has it
	for rows.Next() {
		var table string
		Must(t, rows.Scan(&table))
		names = append(names, table)
	}
	Must(t, rows.Err())
	return names
}

// Request is a request that is sent unchanged, valid or not.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         string
	chunked      bool // the length is not announced
}

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
	return Request{http.MethodPost, path, JSONHeader(), body, false}
}

// Register returns a registration.
func Register(body string) Request { return Post(RegisterPath, body) }

// Login returns a login.
func Login(body string) Request { return Post(LoginPath, body) }

// Refresh returns a refresh.
func Refresh(body string) Request { return Post(refreshPath, body) }

// With adds a header; an empty value removes it.
func (r Request) With(name, value string) Request {
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if value == "" {
		r.Header.Del(name)
	} else {
		r.Header.Add(name, value)
	}
	return r
}

// Typed replaces the content type.
func (r Request) Typed(contentType string) Request {
	return r.With("Content-Type", "").With("Content-Type", contentType)
}

// As sends the access token of an account.
func (r Request) As(a Account) Request { return r.Bearing(a.Tokens.AccessToken) }

// Bearing sends an access token.
func (r Request) Bearing(token string) Request { return r.With("Authorization", "Bearer "+token) }

// InChunks sends the body without Content-Length.
func (r Request) InChunks() Request {
	r.chunked = true
	return r
}

// Send returns the response and its body, which must not have secrets.
func (w *World) Send(t *testing.T, r Request) (*http.Response, []byte) {
	t.Helper()
	response, body := w.Server.Send(t, r)
	CheckNoSecrets(t, string(body), w.Secrets)
	return response, body
}

// Send returns the response and its body.
func (s *Server) Send(t *testing.T, r Request) (*http.Response, []byte) {
	t.Helper()
	var reader io.Reader = strings.NewReader(r.Body)
	if r.chunked {
		reader = io.MultiReader(reader)
	}
	sent, err := http.NewRequestWithContext(t.Context(), r.Method, s.URL+r.Path, reader)
	Must(t, err)
	if r.Header != nil {
		sent.Header = r.Header
	}
	response, err := s.HTTP.Do(sent)
	Must(t, err)
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(response.Body)
	Must(t, err)
	return response, body
}

// CheckNoSecrets checks that a text has none of the secrets.
func CheckNoSecrets(t *testing.T, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is told: …%s", secret, text[max(0, at-200):min(len(text), at+len(secret)+50)])
		}
	}
}
