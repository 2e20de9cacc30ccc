package httpapi_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Every test of this package is also one of leaks: all that its server answers, logs and records for audits is searched
// for what nobody may read there.

// neverTold finds passwords of these tests, hashes of passwords and private members of keys.
var neverTold = regexp.MustCompile(regexp.QuoteMeta(password) + `|\$argon2id?\$|\$2[aby]\$\d|"(?:d|p|q|dp|dq|qi|k)":`)

// tokens finds access, refresh and device tokens.
var tokens = regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+|\b[rd]t_[\w-]{40,}`)

// giveTokens are the operations that answer with tokens.
var giveTokens = []string{registerPath, loginPath, refreshPath}

// leakFinder reads all answers of operations.
type leakFinder struct {
	t     testing.TB
	inner http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l leakFinder) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.inner.RoundTrip(r)
	if isDocs := strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/api/v1/"); err != nil || isDocs {
		return response, err // those show examples
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	leak := neverTold.Find(body)
	if leak == nil && !slices.Contains(giveTokens, r.URL.Path) {
		leak = tokens.Find(body)
	}
	// What a caller puts into the path comes back as instance.
	if leak != nil && !strings.Contains(r.URL.EscapedPath(), string(leak)) {
		l.t.Errorf("%s %s tells %q", r.Method, r.URL.Path, leak)
	}
	return response, nil
}

// failing is the end of a body that could not be read to its own.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// findLeaks reads what a server has logged and recorded, when the test ends.
func findLeaks(t testing.TB, logs *logBuffer, database string) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	must(t, err)
	defer db.Close() //nolint:errcheck // it was only read from
	var recorded string
	err = db.QueryRowContext(context.WithoutCancel(t.Context()), `SELECT coalesce(string_agg(audit_events::text, ' '), '') FROM audit_events`).Scan(&recorded)
	must(t, err)
	for where, text := range map[string]string{"the log": logs.String(), "the audit log": recorded} {
		for _, secret := range []*regexp.Regexp{neverTold, tokens} {
			if leak := secret.FindString(text); leak != "" {
				t.Errorf("%s tells %q", where, leak)
			}
		}
	}
	if strings.Contains(recorded, "@") {
		t.Errorf("the audit log tells an e-mail: %s", recorded)
	}
}
