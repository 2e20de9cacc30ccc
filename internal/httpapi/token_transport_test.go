package httpapi_test

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
)

const (
	appOrigin = "https://app.example.com"
	refreshTo = "/api/v1/auth/refresh"
	logoutTo  = "/api/v1/auth/logout"
)

// newCookieServer returns a server whose cookies have these names, with the prefix and TLS or, as
// in development, without.
func newCookieServer(t *testing.T, settings map[string]string) *apitest.Server {
	t.Helper()
	all := map[string]string{"TOKEN_COOKIES_ENABLED": "true", "CORS_ORIGINS": appOrigin}
	maps.Copy(all, settings)
	return apitest.NewServer(t, apitest.Options{Settings: all})
}

// secure returns the settings of a service outside of development.
func secure() map[string]string {
	return map[string]string{
		"ENVIRONMENT": "staging", "PASSWORD_HASH_MEMORY_KIB": "19456", "PASSWORD_HASH_ITERATIONS": "2",
		"JWT_SECRET": rand.Text() + rand.Text(),
	}
}

// fromPage returns a POST of the app's page.
func fromPage(path, body string) apitest.Request {
	r := apitest.Request{Method: http.MethodPost, Path: path, Body: body}
	if body != "" {
		r = r.Typed("application/json")
	}
	return r.With("Origin", appOrigin).With("X-Token-Transport", "cookie")
}

// page is a page with its cookies.
type page struct {
	*apitest.Server

	cookies map[string]*http.Cookie
	access  string
	email   string
}

// send sends a request with the cookies of the page, and keeps those of the response.
func (p *page) send(t *testing.T, r apitest.Request) (*http.Response, []byte) {
	t.Helper()
	for _, cookie := range p.cookies {
		r = r.With("Cookie", cookie.Name+"="+cookie.Value)
	}
	response, body := p.Send(t, r)
	for _, cookie := range response.Cookies() {
		p.cookies[cookie.Name] = cookie
		if cookie.MaxAge < 0 {
			delete(p.cookies, cookie.Name)
		}
	}
	var tokens apiclient.TokenResponse
	if json.Unmarshal(body, &tokens) == nil && tokens.AccessToken != "" {
		p.access = tokens.AccessToken
	}
	return response, body
}

// register returns a page that has just registered an account.
func register(t *testing.T, s *apitest.Server) *page {
	t.Helper()
	p := &page{Server: s, cookies: map[string]*http.Cookie{}, email: apitest.NewEmail()}
	response, body := p.send(t, fromPage(apitest.RegisterPath, apitest.Credentials(p.email, apitest.Password)))
	apitest.Want(t, "status of a registration", response.StatusCode, http.StatusCreated, body)
	return p
}

// refreshes checks the status of a refresh by the page.
func (p *page) refreshes(t *testing.T, status int) []byte {
	t.Helper()
	response, body := p.send(t, fromPage(refreshTo, ""))
	apitest.Want(t, "status of a refresh", response.StatusCode, status, body)
	return body
}

func TestTokensInCookies(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, secure())
	p := register(t, s)
	for name, age := range map[string]int{
		"__Secure-plinth_refresh_token": 7 * 24 * 3600, "__Secure-plinth_device_token": 90 * 24 * 3600,
	} {
		c := p.cookies[name]
		if c == nil {
			t.Fatalf("the registration set %v, without %s", p.cookies, name)
		}
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/api/v1/auth" || c.Domain != "" || c.MaxAge != age {
			t.Errorf("the cookie is %s", c.Raw)
		}
	}
	first := p.cookies["__Secure-plinth_refresh_token"].Value
	body := p.refreshes(t, http.StatusOK)
	if strings.Contains(string(body), "rt_") || strings.Contains(string(body), "dt_") || strings.Contains(string(body), "refresh_token") {
		t.Errorf("scripts can read a token: %s", body)
	}
	if p.cookies["__Secure-plinth_refresh_token"].Value == first {
		t.Error("the refresh token was not replaced")
	}
	me, err := s.Client(p.access).GetCurrentUserWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "e-mail", me.JSON200.Email, p.email, me.Body)

	device := p.cookies["__Secure-plinth_device_token"].Value
	response, body := p.send(t, fromPage(apitest.LoginPath, apitest.Credentials(p.email, apitest.Password)))
	apitest.Want(t, "status of a login", response.StatusCode, http.StatusOK, body)
	apitest.Want(t, "device token", p.cookies["__Secure-plinth_device_token"].Value, device, nil)
}

// Without the header nothing changes: tokens are in the body, and cookies are ignored.
func TestCookiesNeedTheHeader(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, nil)
	p := register(t, s)
	response, body := p.send(t, fromPage(refreshTo, "").With("X-Token-Transport", ""))
	apitest.Want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, body)
	response, body = p.send(t, fromPage(refreshTo, "").With("X-Token-Transport", "").With("X-Token-Transport", "body"))
	apitest.Want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, body)
	response, body = s.Send(t, apitest.Login(apitest.Credentials(p.email, apitest.Password)).With("Origin", appOrigin))
	if response.Header.Get("Set-Cookie") != "" || !strings.Contains(string(body), `"refresh_token":"rt_`) {
		t.Errorf("a login without the header: %s %s", response.Header, body)
	}
	p.refreshes(t, http.StatusOK)
}

// forgeries are requests that a page of another site, or a forger, can make a browser send.
var forgeries = []struct{ name, origin, fetchSite string }{
	{"no Origin", "", ""},
	{"an opaque Origin", "null", "cross-site"},
	{"another site", "https://evil.example", "cross-site"},
	{"another site in an old browser", "https://evil.example", ""},
	{"another host of the site", "https://blog.example.com", "same-site"},
	{"a subdomain of the app", "https://x.app.example.com", "same-site"},
	{"the app without TLS", "http://app.example.com", "cross-site"},
	{"another port of the app", "https://app.example.com:8443", "same-site"},
	{"two origins", appOrigin + " https://evil.example", ""},
	{"the API without TLS", "http://{host}", ""},
}

// TestForgedRequestsCannotUseCookies covers each operation that reads or sets cookies.
func TestForgedRequestsCannotUseCookies(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, secure())
	p := register(t, s)
	bearer := "Bearer " + p.access
	for _, test := range forgeries {
		origin := strings.Replace(test.origin, "{host}", strings.TrimPrefix(s.URL, "http://"), 1)
		for _, r := range []apitest.Request{
			fromPage(apitest.RegisterPath, apitest.Credentials(apitest.NewEmail(), apitest.Password)),
			fromPage(apitest.LoginPath, apitest.Credentials(p.email, apitest.Password)),
			fromPage(refreshTo, ""), fromPage(logoutTo, ""),
			fromPage("/api/v1/auth/logout-all", "").With("Authorization", bearer),
			fromPage("/api/v1/users/me/deletion", `{"current_password":"`+apitest.Password+`"}`).With("Authorization", bearer),
		} {
			r = r.With("Origin", "").With("Origin", origin).With("Sec-Fetch-Site", test.fetchSite)
			response, body := p.send(t, r)
			apitest.Want(t, r.Path+" with "+test.name, response.StatusCode, http.StatusForbidden, body)
			apitest.Want(t, "code", apitest.ProblemOf(t, response, body).Code, apiclient.ProblemCodeTokenTransportRefused, body)
			apitest.Want(t, "Set-Cookie", response.Header.Get("Set-Cookie"), "", body)
		}
	}
	p.refreshes(t, http.StatusOK) // all of them changed nothing

	form := apitest.Request{Method: http.MethodPost, Path: refreshTo, Body: "a=b"}.Typed("application/x-www-form-urlencoded")
	response, body := p.send(t, form.With("Origin", "https://evil.example"))
	apitest.Want(t, "status of a form of another site", response.StatusCode, http.StatusUnsupportedMediaType, body)
}

func TestOriginsOfCookies(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, nil) // in development: without TLS
	p := register(t, s)
	for _, origin := range []string{appOrigin, s.URL} {
		response, body := p.send(t, fromPage(refreshTo, "").With("Origin", "").With("Origin", origin))
		apitest.Want(t, "status with Origin "+origin, response.StatusCode, http.StatusOK, body)
	}
	// A proxy that changes Host: the browser vouches for the page.
	r := fromPage(refreshTo, "").With("Origin", "").With("Origin", "http://localhost:5173")
	response, body := p.send(t, r.With("Sec-Fetch-Site", "same-origin"))
	apitest.Want(t, "status behind a proxy", response.StatusCode, http.StatusOK, body)
	if cookie := p.cookies["plinth_refresh_token"]; cookie == nil || cookie.Secure || !cookie.HttpOnly {
		t.Errorf("in development the cookies are %v", p.cookies)
	}
	allowed := response.Header.Get("Access-Control-Allow-Credentials")
	apitest.Want(t, "credentials of an origin that is not listed", allowed, "", body)

	preflight := apitest.Request{Method: http.MethodOptions, Path: refreshTo}.With("Origin", appOrigin).
		With("Access-Control-Request-Method", "POST").With("Access-Control-Request-Headers", "x-token-transport")
	response, body = s.Send(t, preflight)
	apitest.Want(t, "credentials", response.Header.Get("Access-Control-Allow-Credentials"), "true", body)
	apitest.Want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), appOrigin, body)
	if !strings.Contains(response.Header.Get("Access-Control-Allow-Headers"), "X-Token-Transport") {
		t.Errorf("a page may not send the header: %v", response.Header)
	}
}

func TestCookiesAreOffByDefault(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"CORS_ORIGINS": appOrigin}})
	response, body := s.Send(t, fromPage(apitest.RegisterPath, apitest.Credentials(apitest.NewEmail(), apitest.Password)))
	apitest.Want(t, "status", response.StatusCode, http.StatusForbidden, body)
	apitest.Want(t, "credentials", response.Header.Get("Access-Control-Allow-Credentials"), "", body)
}

func TestCookiesAreCleared(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, map[string]string{"REFRESH_GRACE_SECONDS": "0"})
	for name, end := range map[string]func(*testing.T, *page){
		"logout": func(t *testing.T, p *page) {
			t.Helper()
			response, body := p.send(t, fromPage(logoutTo, ""))
			apitest.Want(t, "status", response.StatusCode, http.StatusNoContent, body)
		},
		"logout everywhere": func(t *testing.T, p *page) {
			t.Helper()
			response, body := p.send(t, fromPage("/api/v1/auth/logout-all", "").With("Authorization", "Bearer "+p.access))
			apitest.Want(t, "status", response.StatusCode, http.StatusNoContent, body)
		},
		"deletion": func(t *testing.T, p *page) {
			t.Helper()
			r := fromPage("/api/v1/users/me/deletion", `{"current_password":"`+apitest.Password+`"}`)
			response, body := p.send(t, r.With("Authorization", "Bearer "+p.access))
			apitest.Want(t, "status", response.StatusCode, http.StatusNoContent, body)
		},
		"reuse": func(t *testing.T, p *page) {
			t.Helper()
			stolen := *p.cookies["plinth_refresh_token"]
			p.refreshes(t, http.StatusOK)
			p.cookies[stolen.Name] = &stolen
			p.refreshes(t, http.StatusUnauthorized)
		},
		"an oversize cookie": func(t *testing.T, p *page) {
			t.Helper()
			p.cookies["plinth_refresh_token"].Value = strings.Repeat("rt_", 9000) //nolint:gosec // G124: sent by a browser
			p.refreshes(t, http.StatusUnauthorized)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := register(t, s.In(t))
			end(t, p)
			if p.cookies["plinth_refresh_token"] != nil {
				t.Error("the cookie was not cleared")
			}
			if p.cookies["plinth_device_token"] == nil {
				t.Error("the device was forgotten")
			}
			p.refreshes(t, http.StatusUnauthorized)
		})
	}
}

// Another host of the site can set a cookie of the same name for its parent domain. The service
// cannot tell which is its own, so it uses neither, and clears neither.
func TestTossedCookies(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, nil)
	p, attacker := register(t, s), register(t, s)
	tossed := "plinth_refresh_token=" + attacker.cookies["plinth_refresh_token"].Value
	response, body := p.send(t, fromPage(refreshTo, "").With("Cookie", tossed))
	apitest.Want(t, "status", response.StatusCode, http.StatusBadRequest, body)
	apitest.Want(t, "Set-Cookie", response.Header.Get("Set-Cookie"), "", body)
	p.refreshes(t, http.StatusOK)

	// A logout ends both sessions: one is that of the user.
	response, body = p.send(t, fromPage(logoutTo, "").With("Cookie", tossed))
	apitest.Want(t, "status of a logout", response.StatusCode, http.StatusNoContent, body)
	me, err := s.Client(p.access).GetCurrentUserWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status after a logout", me.StatusCode(), http.StatusUnauthorized, me.Body)
}

func TestCookieAndBodyConflict(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, nil)
	p, other := register(t, s), s.Register()
	for _, path := range []string{refreshTo, logoutTo} {
		response, body := p.send(t, fromPage(path, `{"refresh_token":"`+other.Tokens.RefreshToken+`"}`))
		apitest.Want(t, "status of "+path, response.StatusCode, http.StatusUnprocessableEntity, body)
	}
	p.refreshes(t, http.StatusOK)
	s.WantSession(t, other, true)
}

// A page that loads in several tabs refreshes in each, with the same cookie.
func TestConcurrentRefreshesWithOneCookie(t *testing.T) {
	t.Parallel()
	s := newCookieServer(t, nil)
	p := register(t, s)
	r := fromPage(refreshTo, "").With("Cookie", "plinth_refresh_token="+p.cookies["plinth_refresh_token"].Value)
	next := make([]string, 20)
	var tabs sync.WaitGroup
	for i := range next {
		tabs.Go(func() {
			response, body := s.Send(t, r)
			if response.StatusCode != http.StatusOK || len(response.Cookies()) != 1 {
				t.Errorf("status %d, cookies %v: %s", response.StatusCode, response.Cookies(), body)
				return
			}
			next[i] = response.Cookies()[0].Value
		})
	}
	tabs.Wait()
	for _, value := range next {
		apitest.Want(t, "cookie", value, next[0], nil)
	}
	p.cookies["plinth_refresh_token"].Value = next[0] //nolint:gosec // G124: sent by a browser
	p.refreshes(t, http.StatusOK)
}
