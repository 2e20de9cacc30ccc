package servertest

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Secrets describes texts that a service must not disclose.
type Secrets struct {
	Never  *regexp.Regexp // in no response and no log
	Tokens *regexp.Regexp // in responses of Issuers only
	// Issuers are the paths whose responses have tokens.
	Issuers []string
	// Public reports whether the responses of a path are not checked, as of documentation with
	// examples.
	Public func(path string) bool
}

// Check fails the test if a text, such as a log, has secrets.
func (s Secrets) Check(t testing.TB, name, text string) {
	t.Helper()
	for _, secret := range []*regexp.Regexp{s.Never, s.Tokens} {
		if leak := secret.FindString(text); leak != "" {
			t.Errorf("%s has %q", name, leak)
		}
	}
}

// Transport returns a transport that fails the test if a response has secrets. Those in the path of
// the request are allowed, because the path is the instance of a problem.
func (s Secrets) Transport(t testing.TB, inner http.RoundTripper) http.RoundTripper {
	t.Helper()
	return secretFinder{s, t, inner}
}

type secretFinder struct {
	Secrets

	t     testing.TB
	inner http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (f secretFinder) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := f.inner.RoundTrip(r)
	if err != nil || (f.Public != nil && f.Public(r.URL.Path)) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	leak := f.Never.Find(body)
	if leak == nil && !slices.Contains(f.Issuers, r.URL.Path) {
		leak = f.Tokens.Find(body)
	}
	if leak != nil && !strings.Contains(r.URL.EscapedPath(), string(leak)) {
		f.t.Errorf("%s %s tells %q", r.Method, r.URL.Path, leak)
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

// CheckNone fails the test if a text has one of the secrets.
func CheckNone(t testing.TB, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is told: …%s", secret, text[max(0, at-200):min(len(text), at+len(secret)+50)])
		}
	}
}
