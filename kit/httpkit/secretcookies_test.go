package httpkit_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/internal/things"
)

// TestSecretCookies sends requests from pages of several origins, with and without the header.
func TestSecretCookies(t *testing.T) {
	t.Parallel()
	const page, own = "https://app.example.com", "https://api.example.com"
	ask := http.Header{"X-Keep": {"cookie"}, "Origin": {page}}
	with := func(name string, values ...string) http.Header {
		header := ask.Clone()
		header[name] = values
		return header
	}
	rules := httpkit.SecretCookies{Path: "/things", Origins: []string{page}, Enabled: true}
	disabled, insecure, anyOrigin := rules, rules, rules
	disabled.Enabled, insecure.Insecure, anyOrigin.Origins = false, true, []string{"*"}
	for name, test := range map[string]struct {
		rules  httpkit.SecretCookies
		path   string
		header http.Header
		want   string // the cookie that is set; "refused", or nothing
	}{
		"a listed page":                    {rules, "/things/1", ask, "__Secure-seen=1; Path=/things; Max-Age=60; HttpOnly; Secure; SameSite=Strict"},
		"a page of the host":               {rules, "/things/1", with("Origin", own), "__Secure-seen=1; Path=/things; Max-Age=60; HttpOnly; Secure; SameSite=Strict"},
		"in development":                   {insecure, "/things/1", with("Origin", "http://api.example.com"), "seen=1; Path=/things; Max-Age=60; HttpOnly; SameSite=Strict"},
		"no header":                        {rules, "/things/1", with("X-Keep"), ""},
		"another value":                    {rules, "/things/1", with("X-Keep", "body"), ""},
		"an operation without the header":  {rules, "/others/1", ask, ""},
		"disabled":                         {disabled, "/things/1", ask, "refused"},
		"any origin":                       {anyOrigin, "/things/1", ask, "refused"},
		"no Origin":                        {rules, "/things/1", with("Origin"), "refused"},
		"two Origins":                      {rules, "/things/1", with("Origin", page, page), "refused"},
		"an opaque Origin":                 {rules, "/things/1", with("Origin", "null"), "refused"},
		"another Origin":                   {rules, "/things/1", with("Origin", "https://evil.example"), "refused"},
		"a page of the host without TLS":   {rules, "/things/1", with("Origin", "http://api.example.com"), "refused"},
		"an Origin that is no URL":         {rules, "/things/1", with("Origin", "https://%"), "refused"},
		"another page that is on the site": {rules, "/things/1", http.Header{"X-Keep": {"cookie"}, "Origin": {"https://blog.example.com"}, "Sec-Fetch-Site": {"same-site"}}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := test.rules
			rules.Header, rules.Refuse = "X-Keep", func(string) error { return errors.New("refused") }
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, own+test.path, http.NoBody)
			r.Header = test.header
			response := httptest.NewRecorder()
			err := newCookieServer(t, rules)(response, r)
			if test.want == "refused" {
				if err == nil || err.Error() != "refused" || response.Header().Get("Set-Cookie") != "" {
					t.Errorf("got %v and %v", err, response.Header())
				}
				return
			}
			must(t, err)
			want(t, "Set-Cookie", response.Header().Get("Set-Cookie"), test.want)
		})
	}
}

// newCookieServer returns a handler that sets a cookie if requests use them.
func newCookieServer(t *testing.T, rules httpkit.SecretCookies) func(http.ResponseWriter, *http.Request) error {
	t.Helper()
	const item = `
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {operationId: ID, x-rate-class: read, security: [], PARAMETERS responses: {"204": {description: Done.}}}`
	declared := strings.NewReplacer("ID", "useThing", "PARAMETERS", "parameters: [{name: X-Keep, in: header, schema: {type: string}}],")
	other := strings.NewReplacer("ID", "useOther", "PARAMETERS", "", "/things", "/others")
	contract, err := things.Read("openapi: 3.0.3\ninfo: {title: Things, version: 1.0.0}\npaths:" +
		declared.Replace(item) + other.Replace(item))
	must(t, err)
	e := echo.New()
	handle := func(ctx echo.Context) error {
		if cookies := httpkit.CookiesOf(ctx.Request().Context()); cookies != nil {
			cookies.Set("seen", "1", time.Minute)
		}
		return ctx.NoContent(http.StatusNoContent)
	}
	chain := httpkit.RequestID(idgen.New(time.Now, rand.Reader))(rules.Middleware(contract)(handle))
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := e.NewContext(r, w)
		ctx.SetPath(strings.Replace(r.URL.Path, "/1", "/:id", 1))
		return chain(ctx)
	}
}
