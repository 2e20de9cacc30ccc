package httpapi_test

import (
	"cmp"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/auth"
)

// badInput is a row of the catalogue of bad input: a request, and how it is answered.
type badInput struct {
	name string
	request
	status int
	code   apiclient.ProblemCode // none for the few that are fine, which mark where the bad begins
	errors string                // of a 422: each "place code", in order of the place, comma-separated
}

// TestBadInput sends everything in the catalogue. Each request gets its answer, which tells nothing of what was sent or
// how it was read, and none of them leaves a trace in the database.
//
//nolint:paralleltest,tparallel // one by one, to see which of them writes
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows := slices.Concat(malformedBodies(), mediaTypes(), badMembers(w), badFields(w), badPaths(w), badMethods(w), badTokens(w), badRefreshTokens(w), badAccountChanges(w))
	if len(rows) < 200 {
		t.Errorf("the catalogue has shrunk to %d rows", len(rows))
	}
	names := map[string]bool{}
	for _, row := range rows {
		if names[row.name] {
			t.Errorf("two rows are called %q", row.name)
		}
		names[row.name] = true
	}

	before := w.snapshot()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			response, body := w.send(t, row.request)
			want(t, "status", response.StatusCode, row.status, body)
			if row.code != "" {
				checkRefusal(t, row, problemOf(t, response, body), body)
			}
			if after := w.snapshot(); after != before {
				t.Error("something was written to the database")
				before = after
			}
		})
	}
	checkNoSecrets(t, w.logs.String(), w.secrets)
}

func checkRefusal(t *testing.T, row badInput, problem apiclient.Problem, body []byte) {
	t.Helper()
	want(t, "code", problem.Code, row.code, body)
	texts, found := []string{problem.Title, problem.Detail}, []string{}
	for _, entry := range problem.Errors {
		texts, found = append(texts, entry.Detail), append(found, place(entry)+" "+entry.Code)
	}
	slices.Sort(found)
	want(t, "errors", strings.Join(found, ", "), row.errors, body)
	for _, text := range texts {
		if leak := internals.FindString(text); leak != "" {
			t.Errorf("%q tells of the inside: %q", text, leak)
		}
		for _, sent := range row.sentTexts() {
			if !slices.Contains(memberNames, sent) && strings.Contains(text, sent) {
				t.Errorf("%q repeats %q of the request", text, sent)
			}
		}
	}
}

// place says where an entry of errors points to: a pointer, or "in:name" for a parameter.
func place(entry apiclient.FieldError) string {
	if entry.Pointer != nil {
		return cmp.Or(*entry.Pointer, "(body)")
	}
	if entry.In != nil && entry.Name != nil {
		return string(*entry.In) + ":" + *entry.Name
	}
	return "(nowhere)"
}

var (
	// internals is what no answer may tell: Go types, errors of libraries, SQL, regular expressions, stacks.
	internals = regexp.MustCompile(`(?i)\b(encoding/json|jsontext|openapi3?|strconv|pgx|sqlstate|httpapi|echo|runtime)\b|` +
		`struct|interface|map\[|\[\]|float64|unmarshal|select |insert |users_|goroutine|\.go|panic|invalid (?:character|syntax|url)|semicolon|\^|\\|nil`)
	quotedText  = regexp.MustCompile(`"([^"\\]{4,})"`)
	memberNames = []string{"email", "password", "current_password", "name", "refresh_token", "cursor"}
)

// world is what the catalogue is played in.
type world struct {
	*server

	db           *sql.DB
	allRows      string // the statement of snapshot
	ada, admin   account
	ended        account // whose session was revoked
	expired      account // whose session and refresh token are past their time
	nobodysToken string  // a refresh token that is well-formed
	keys         forger
	secrets      []string // what no answer and no log line may hold
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{server: newServer(t, options{})}
	w.db = w.openDatabase()
	w.allRows = allRowsQuery(t, w.db)
	w.ada, w.admin, w.ended, w.expired = w.register(), w.registerAdmin(), w.register(), w.register()
	_, err := w.ended.LogoutAllSessionsWithResponse(t.Context())
	must(t, err)
	w.expire(w.expired)
	token, err := auth.NewRefreshToken(rand.Reader)
	must(t, err)
	w.nobodysToken, w.keys = token.Reveal(), newForger(t, w.ada)
	w.secrets = []string{password, w.nobodysToken}
	for _, a := range []account{w.ada, w.admin, w.ended, w.expired} {
		w.secrets = append(w.secrets, a.tokens.AccessToken, a.tokens.RefreshToken, w.user(a).PasswordHash)
	}
	return w
}

// expire moves the sessions of an account, and their refresh tokens, past their time.
func (w *world) expire(a account) {
	w.t.Helper()
	for _, statement := range []string{
		`UPDATE refresh_tokens SET expires_at = now() - interval '1 second'
			WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
		`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
	} {
		_, err := w.db.ExecContext(w.t.Context(), statement, w.user(a).ID)
		must(w.t, err)
	}
}

// openDatabase connects tests to the database behind the server's back. pgstore brings the driver.
func (s *server) openDatabase() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("pgx", s.database)
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, db.Close()) })
	return db
}

// journals are the tables to which refused requests may write, each with the reason why.
var journals = map[string]string{
	"audit_events": "who was refused what is told there",
	"throttles":    "failed passwords are counted there",
}

// snapshot digests all rows of the database, those of journals aside.
func (w *world) snapshot() string {
	w.t.Helper()
	var digest string
	must(w.t, w.db.QueryRowContext(w.t.Context(), w.allRows).Scan(&digest))
	return digest
}

// allRowsQuery makes a statement that digests all rows of all tables there are.
func allRowsQuery(t *testing.T, db *sql.DB) string {
	t.Helper()
	var selects []string
	for _, table := range tables(t, db) {
		if _, isJournal := journals[table]; !isJournal {
			selects = append(selects, fmt.Sprintf(`SELECT '%[1]s' || rows::text AS row FROM %[1]s AS rows`, table))
		}
	}
	return `SELECT coalesce(md5(string_agg(row, '|' ORDER BY row)), '') FROM (` + strings.Join(selects, " UNION ALL ") + `) AS all_rows`
}

// tables are all that there are in the schema.
func tables(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	const query = `SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`
	rows, err := db.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err has it
	for rows.Next() {
		var table string
		must(t, rows.Scan(&table))
		names = append(names, table)
	}
	must(t, rows.Err())
	return names
}

// request is one to be sent as it is, whatever a client would think of it.
type request struct {
	method, path string
	header       http.Header
	body         string
	chunked      bool // the length is not announced
}

const (
	registerPath = "/api/v1/auth/register"
	loginPath    = "/api/v1/auth/login"
	refreshPath  = "/api/v1/auth/refresh"
	mePath       = "/api/v1/users/me"
	usersPath    = "/api/v1/users/"
)

func get(path string) request { return request{method: http.MethodGet, path: path} }
func post(path, body string) request {
	return request{http.MethodPost, path, jsonHeader(), body, false}
}

func register(body string) request { return post(registerPath, body) }
func login(body string) request    { return post(loginPath, body) }
func refresh(body string) request  { return post(refreshPath, body) }

// with adds a header; an empty value takes it away.
func (r request) with(name, value string) request {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = http.Header{}
	}
	if value == "" {
		r.header.Del(name)
	} else {
		r.header.Add(name, value)
	}
	return r
}

// typed replaces the content type.
func (r request) typed(contentType string) request {
	return r.with("Content-Type", "").with("Content-Type", contentType)
}

func (r request) as(a account) request { return r.bearing(a.tokens.AccessToken) }

func (r request) bearing(token string) request { return r.with("Authorization", "Bearer "+token) }

func (r request) inChunks() request {
	r.chunked = true
	return r
}

// sentTexts are those in the body, the path, the query and If-Match that are long enough not to be in an answer by chance.
func (r request) sentTexts() []string {
	texts := slices.Clone(r.header["If-Match"])
	for _, quoted := range quotedText.FindAllStringSubmatch(r.body, -1) {
		texts = append(texts, quoted[1])
	}
	path, query, _ := strings.Cut(r.path, "?")
	texts = append(texts, strings.FieldsFunc(query, func(c rune) bool { return c == '&' || c == '=' })...)
	texts = slices.DeleteFunc(texts, func(text string) bool { return len(text) < 3 })
	for segment := range strings.SplitSeq(path, "/") {
		if len(segment) > len("sessions") { // no name of ours
			texts = append(texts, segment)
		}
	}
	return texts
}

// send returns the answer and its body, after a look for secrets in it.
func (w *world) send(t *testing.T, r request) (*http.Response, []byte) {
	t.Helper()
	response, body := w.server.send(t, r)
	checkNoSecrets(t, string(body), w.secrets)
	return response, body
}

func (s *server) send(t *testing.T, r request) (*http.Response, []byte) {
	t.Helper()
	var reader io.Reader = strings.NewReader(r.body)
	if r.chunked {
		reader = io.MultiReader(reader)
	}
	sent, err := http.NewRequestWithContext(t.Context(), r.method, s.url+r.path, reader)
	must(t, err)
	if r.header != nil {
		sent.Header = r.header
	}
	response, err := s.http.Do(sent)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return response, body
}

func checkNoSecrets(t *testing.T, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is told: …%s", secret, text[max(0, at-200):min(len(text), at+len(secret)+50)])
		}
	}
}
