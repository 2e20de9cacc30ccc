package apitest

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

	"example.com/plinth/kit/servertest"
)

// neverTold matches passwords, hashes of passwords and private members of keys.
var neverTold = regexp.MustCompile(regexp.QuoteMeta(Password) + `|\$argon2id?\$|\$2[aby]\$\d|"(?:d|p|q|dp|dq|qi|k)":`)

// tokens matches access, refresh and device tokens.
var tokens = regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+|\b[rd]t_[\w-]{40,}`)

// giveTokens are the operations whose responses have tokens.
var giveTokens = []string{RegisterPath, LoginPath, refreshPath}

// leakFinder fails the test if a response of an operation has secrets.
type leakFinder struct {
	t     testing.TB
	inner http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l leakFinder) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.inner.RoundTrip(r)
	if isDocs := strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/api/v1/"); err != nil || isDocs {
		return response, err // documentation has examples
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	leak := neverTold.Find(body)
	if leak == nil && !slices.Contains(giveTokens, r.URL.Path) {
		leak = tokens.Find(body)
	}
	// The path of the request is the instance of a problem.
	if leak != nil && !strings.Contains(r.URL.EscapedPath(), string(leak)) {
		l.t.Errorf("%s %s tells %q", r.Method, r.URL.Path, leak)
	}
	return response, nil
}

// failing is the end of a body that cannot be read completely.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// findLeaks fails the test if the log or a journal has secrets, or a journal an e-mail.
func findLeaks(t testing.TB, logs *servertest.Log, database string) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	Must(t, err)
	defer db.Close() //nolint:errcheck // it was only read from
	texts := map[string]string{"the log": logs.String()}
	for journal := range journals {
		var rows string
		query := "SELECT coalesce(string_agg(j::text, ' '), '') FROM " + journal + " AS j"
		Must(t, db.QueryRowContext(context.WithoutCancel(t.Context()), query).Scan(&rows))
		texts[journal] = rows
		if strings.Contains(rows, "@") {
			t.Errorf("%s has an e-mail: %s", journal, rows)
		}
	}
	for where, text := range texts {
		for _, secret := range []*regexp.Regexp{neverTold, tokens} {
			if leak := secret.FindString(text); leak != "" {
				t.Errorf("%s has %q", where, leak)
			}
		}
	}
}
