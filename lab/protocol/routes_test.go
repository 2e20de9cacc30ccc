package protocol_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

// TestHEAD checks that HEAD responds like GET, without a body, in all operations and pages.
func TestHEAD(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada, admin := s.Register(), s.RegisterAdmin()
	requests := []apitest.Request{
		apitest.Get(apitest.UsersPath + s.User(ada).ID).As(admin), apitest.Get(apitest.UsersPath + s.User(ada).ID).As(ada), apitest.Get(apitest.MePath), apitest.Get("/nothing"),
		apitest.Get("/health?x=1"), apitest.Get("/api/openapi.json"), apitest.Get("/api/docs"), apitest.Get("/api/redoc"),
	}
	for _, operation := range apitest.Contract.Operations() {
		if operation.Method == http.MethodGet {
			requests = append(requests, apitest.Documented(t, operation).As(admin))
		}
	}
	for _, r := range requests {
		t.Run(r.Path, func(t *testing.T) {
			t.Parallel()
			r = r.With("X-Request-ID", "the-same").With("Accept-Encoding", "identity") // or Go's client asks for gzip with GET
			full, body := s.Send(t, r)
			r.Method = http.MethodHead
			head, rest := s.Send(t, r)
			apitest.Want(t, "status", head.StatusCode, full.StatusCode, body)
			apitest.Want(t, "headers", servertest.HeaderText(withoutDate(head.Header)), servertest.HeaderText(withoutDate(full.Header)), nil)
			apitest.Want(t, "Content-Length", head.ContentLength, full.ContentLength, nil)
			apitest.Want(t, "body", string(rest), "", nil)
			if len(body) == 0 {
				t.Error("GET has no body")
			}
		})
	}
}

func withoutDate(header http.Header) http.Header {
	header = header.Clone()
	header.Del("Date")
	return header
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	for _, test := range []struct {
		sent string
		kept bool
	}{
		{"abc", true},
		{"A.b-C_9", true},
		{strings.Repeat("x", 128), true},
		{"0191d0a4-9c5e-7c3a-8b1f-2f6d3c4b5a69", true},
		{"", false},
		{strings.Repeat("x", 129), false},
		{"a b", false},
		{"a,b", false},
		{"a/b", false},
		{"a\tb", false},
		{"é", false},
		{`"}{"level":"ERROR`, false},
		{"<script>alert(1)</script>", false},
		{"${jndi:ldap://evil.example}", false},
		{"rt_" + strings.Repeat("x", 45), false}, // a token is for no log
		{"eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", false},
		{"rt_1.eyJ", true}, // looks like none
	} {
		for _, r := range []apitest.Request{apitest.Get("/health"), apitest.Get("/nothing"), apitest.Get(apitest.MePath)} {
			response, body := s.Send(t, r.With("X-Request-ID", test.sent))
			id := response.Header.Get("X-Request-ID")
			apitest.Want(t, "kept "+test.sent, id == test.sent, test.kept, body)
			if !test.kept && len(id) != 26 {
				t.Errorf("the new id is %q", id)
			}
			if response.StatusCode >= 400 { // the transport compares the body with the header
				apitest.Want(t, "request_id", apitest.ProblemOf(t, response, body).RequestID, id, body)
			}
			if !strings.Contains(s.Logs.String(), `"request_id":"`+id+`"`) {
				t.Errorf("%q is in no log line", id)
			}
		}
	}
}

// TestSecurityHeaders looks at an answer of every kind.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"CORS_ORIGINS": ourOrigin}})
	ada, admin := s.Register(), s.RegisterAdmin()
	taken := apitest.Post(apitest.RegisterPath, `{"email":"`+ada.Email+`","password":"something longer than that"}`)
	broken := apitest.NewServer(t, apitest.Options{})
	broken.Store.Close()
	for _, test := range []struct {
		on *apitest.Server
		apitest.Request
		status int
	}{
		{s, apitest.Get("/health"), 200},
		{s, apitest.Request{Method: http.MethodHead, Path: "/health"}, 200},
		{s, preflight(ourOrigin, http.MethodPatch), 204},
		{s, preflight("https://evil.example", http.MethodPatch), 204},
		{s, apitest.Request{Method: http.MethodOptions, Path: apitest.MePath}, 204},
		{s, apitest.Get("/health?%zz"), 400},
		{s, apitest.Get(apitest.MePath), 401},
		{s, apitest.Get(apitest.UsersPath + "42").As(ada), 403},
		{s, apitest.Get("/nothing"), 404},
		{s, apitest.Get(apitest.UsersPath + "01JD8Z5V3K4N6P7Q8R9S0T1V2W").As(admin), 404},
		{s, apitest.Get(apitest.LoginPath), 405},
		{s, taken, 409},
		{s, apitest.Login(strings.Repeat(" ", 64<<10+1)), 413},
		{s, apitest.Login("").Typed("text/plain"), 415},
		{s, apitest.Login(`{}`), 422},
		{broken, apitest.Login(apitest.UnknownLogin), 503},
		{broken, apitest.Get("/health/ready"), 503},
	} {
		response, body := test.on.Send(t, test.Request)
		apitest.Want(t, "status", response.StatusCode, test.status, body)
		for name, value := range map[string]string{
			"Cache-Control":           "no-store",
			"X-Content-Type-Options":  "nosniff",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer",
			// Without TLS, HSTS would lock clients out. The others disclose software, or track clients.
			"Strict-Transport-Security": "", "Server": "", "X-Powered-By": "", "Set-Cookie": "",
		} {
			apitest.Want(t, name+" of "+test.Method+" "+test.Path, response.Header.Get(name), value, body)
		}
		if response.Header.Get("X-Request-ID") == "" {
			t.Errorf("%s %s has no X-Request-ID", test.Method, test.Path)
		}
		if (test.status == 503) != (response.Header.Get("Retry-After") != "") {
			t.Errorf("Retry-After of a %d is %q", test.status, response.Header.Get("Retry-After"))
		}
	}
}

// TestProxies checks which X-Forwarded headers determine the address and the scheme of a client.
func TestProxies(t *testing.T) {
	t.Parallel()
	alone := apitest.NewServer(t, apitest.Options{})
	behind := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8,10.0.0.0/8,2001:db8:1::/48"}})
	elsewhere := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"TRUSTED_PROXIES": "192.0.2.0/24"}})
	const client, direct = "203.0.113.7", "127.0.0.1"
	for _, test := range []struct {
		name     string
		on       *apitest.Server
		sent     []string // X-Forwarded-For
		clientIP string
	}{
		{"no proxy is trusted", alone, []string{client}, direct},
		{"the peer is not trusted", elsewhere, []string{client}, direct},
		{"a trusted peer says nothing", behind, nil, direct},
		{"a trusted peer tells", behind, []string{client}, client},
		{"what the client made up is on the left", behind, []string{"198.51.100.1, " + client}, client},
		{"the client made up a trusted address", behind, []string{"10.9.9.9, " + client}, client},
		{"two proxies", behind, []string{client + ", 10.1.2.3"}, client},
		{"two proxies, and something made up", behind, []string{"198.51.100.1, " + client + ", 10.1.2.3"}, client},
		{"two headers", behind, []string{"198.51.100.1", client + ",10.1.2.3"}, client},
		{"only proxies", behind, []string{"10.1.2.3"}, "10.1.2.3"},
		{"a private address that is not listed", behind, []string{client + ", 192.168.1.9"}, "192.168.1.9"},
		{"a link-local address that is not listed", behind, []string{client + ", 169.254.1.9"}, "169.254.1.9"},
		{"IPv6", behind, []string{"2001:db8:2::7, 2001:db8:1::1"}, "2001:db8:2::7"},
		{"IPv6 in brackets", behind, []string{"[2001:db8:2::7]"}, "2001:db8:2::7"},
		{"IPv4 in IPv6", behind, []string{"::ffff:" + client}, client},
		{"no address", behind, []string{"unknown"}, direct},
		{"no address among some", behind, []string{client + ", unknown, 10.1.2.3"}, direct},
		{"an address with a port", behind, []string{client + ":4711"}, client},
		{"an address with a port, behind one with a port", behind, []string{client + ":4711, 10.1.2.3:80"}, client},
		{"IPv6 with a port", behind, []string{"[2001:db8:2::7]:4711"}, "2001:db8:2::7"},
		{"IPv6 with a zone", behind, []string{"2001:db8:2::7%eth0"}, "2001:db8:2::7"},
		{"an address with a port that is none", behind, []string{client + ":port"}, direct},
		{"an address with two ports", behind, []string{client + ":1:2"}, direct},
		{"nothing", behind, []string{""}, direct},
		{"markup", behind, []string{`"><script>`}, direct},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			email := apitest.NewEmail()
			r := apitest.Post(apitest.RegisterPath, `{"email":"`+email+`","password":"something longer than that"}`)
			for _, value := range test.sent {
				r = r.With("X-Forwarded-For", value)
				if value == "" {
					r.Header["X-Forwarded-For"] = []string{""}
				}
			}
			r = r.With("X-Real-IP", "198.51.100.2").With("Forwarded", "for=198.51.100.3").With("True-Client-IP", "198.51.100.4")
			response, body := test.on.Send(t, r)
			apitest.Want(t, "status", response.StatusCode, http.StatusCreated, body)
			apitest.Want(t, "logged address", logLines(t, test.on, response.Header.Get("X-Request-ID"))[0].ClientIP, test.clientIP, nil)
			const query = `SELECT host(ip) FROM sessions JOIN users ON users.id = user_id WHERE email = $1`
			apitest.Want(t, "stored address", pgtest.Value[string](t, test.on.Database, query, email), test.clientIP, nil)
		})
	}

	for _, test := range []struct {
		name   string
		on     *apitest.Server
		scheme string
		hsts   bool
	}{
		{"TLS in front of a trusted proxy", behind, "https", true},
		{"no TLS in front of a trusted proxy", behind, "http", false},
		{"a trusted proxy that says nothing", behind, "", false},
		{"a trusted proxy that says two things", behind, "https, http", false},
		{"TLS claimed by a client", alone, "https", false},
		{"TLS claimed by another host", elsewhere, "https", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []apitest.Request{apitest.Get("/health"), apitest.Get(apitest.MePath), apitest.Get("/nothing")} {
				response, body := test.on.Send(t, r.With("X-Forwarded-Proto", test.scheme))
				value := response.Header.Get("Strict-Transport-Security")
				apitest.Want(t, "HSTS "+value, strings.HasPrefix(value, "max-age="), test.hsts, body)
			}
		})
	}
	t.Run("TLS at the door", func(t *testing.T) {
		t.Parallel()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health", http.NoBody)
		r.TLS = &tls.ConnectionState{}
		apitest.Want(t, "HSTS", strictly(t, alone.Handler, r).Header.Get("Strict-Transport-Security"), "max-age=31536000; includeSubDomains", nil)
	})
}

// TestLogLinesAreTruncated checks that log lines stay below the limit of container runtimes.
func TestLogLinesAreTruncated(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	for _, test := range []struct{ name, method, path, logged string }{
		{"2048 bytes", "GET", "/" + strings.Repeat("a", 2047), "/" + strings.Repeat("a", 2047)},
		{"more", "GET", "/" + strings.Repeat("a", 2048), "/" + strings.Repeat("a", 2047) + "…"},
		{"more, cut within a letter", "GET", "/" + strings.Repeat("a", 2046) + "%C3%A9", "/" + strings.Repeat("a", 2046) + "\ufffd…"},
		{"much more, no UTF-8", "GET", "/" + strings.Repeat("%FF", 9000), "/" + strings.Repeat("\ufffd", 2047) + "…"},
		{"much more, to be escaped", "GET", "/" + strings.Repeat("%01", 9000), "/" + strings.Repeat("\x01", 2047) + "…"},
		{"and a long method", strings.Repeat("M", 9000), "/" + strings.Repeat("%01", 7000), "/" + strings.Repeat("\x01", 2047) + "…"},
	} {
		r := apitest.Get(test.path)
		r.Method = test.method
		response, body := s.Send(t, r)
		apitest.Want(t, test.name+": status", response.StatusCode, http.StatusNotFound, body)
		lines := logLines(t, s, response.Header.Get("X-Request-ID"))
		if len(lines) != 1 || lines[0].Path != test.logged {
			t.Errorf("%s: the log has %.9000v, want the path %.9000q", test.name, lines, test.logged)
		}
	}
	for line := range strings.Lines(s.Logs.String()) {
		if len(line) > 16<<10 {
			t.Errorf("a line has %d bytes: %.60s", len(line), line)
		}
	}
}

// TestUserAgent checks that the header, which may have any bytes, is stored as printable text.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	for _, test := range []struct{ name, sent, stored string }{
		{"an ordinary one", "curl/8.5.0", "curl/8.5.0"},
		{"beyond ASCII", "Müller 😀", "Müller 😀"},
		{"no UTF-8", "a\xffb\xc3", "ab"},
		{"a tab", "a\tb", "ab"},
		{"C1 and what turns text around", "a\u0085b\u202ec", "abc"},
		{"512 bytes", strings.Repeat("a", 512), strings.Repeat("a", 512)},
		{"more", strings.Repeat("a", 513), strings.Repeat("a", 512)},
		{"more, cut within a letter", strings.Repeat("a", 511) + "é", strings.Repeat("a", 511)},
		{"a token", "rt_" + strings.Repeat("a", 43), "[redacted]"},
		{"512 bytes that redacting makes more", strings.Repeat("a", 501) + " password=a", strings.Repeat("a", 501) + " password=["},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			email := apitest.NewEmail()
			r := apitest.Post(apitest.RegisterPath, `{"email":"`+email+`","password":"something longer than that"}`).With("User-Agent", test.sent)
			response, body := s.Send(t, r)
			apitest.Want(t, "status", response.StatusCode, http.StatusCreated, body)
			const query = `SELECT user_agent FROM sessions JOIN users ON users.id = user_id WHERE email = $1`
			apitest.Want(t, "stored name", pgtest.Value[string](t, s.Database, query, email), test.stored, nil)
		})
	}
}
