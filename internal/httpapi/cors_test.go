package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	ourOrigin   = "https://app.example.com"
	otherOrigin = "https://admin.example.com:8443"
)

// preflight asks, as a browser does, whether a page may send a request to change an account.
func preflight(origin, method string) request {
	return request{method: http.MethodOptions, path: mePath}.with("Origin", origin).
		with("Access-Control-Request-Method", method).with("Access-Control-Request-Headers", "authorization,content-type")
}

func TestCORS(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{settings: map[string]string{"CORS_ORIGINS": ourOrigin + "," + otherOrigin}})
	ada := s.register()

	t.Run("a page of ours may send anything that the API has", func(t *testing.T) {
		t.Parallel()
		for _, origin := range []string{ourOrigin, otherOrigin} {
			response, body := s.send(t, preflight(origin, http.MethodPatch))
			want(t, "status", response.StatusCode, http.StatusNoContent, body)
			header := response.Header
			want(t, "origin", header.Get("Access-Control-Allow-Origin"), origin, nil)
			want(t, "methods", header.Get("Access-Control-Allow-Methods"), "GET,HEAD,POST,PUT,PATCH,DELETE", nil)
			want(t, "headers", header.Get("Access-Control-Allow-Headers"), "Authorization,Content-Type,If-Match,If-None-Match,traceparent,tracestate,X-Request-Id", nil)
			want(t, "age", header.Get("Access-Control-Max-Age"), "600", nil)
			checkVary(t, header, "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
			checkNoCredentials(t, header)
		}
	})
	t.Run("a page of ours may read every answer, refusals too", func(t *testing.T) {
		t.Parallel()
		for _, r := range []request{get(mePath).as(ada), get(mePath), get("/nothing"), login(`{`), post(mePath, "")} {
			response, body := s.send(t, r.with("Origin", ourOrigin))
			want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), ourOrigin, body)
			want(t, "exposed headers", response.Header.Get("Access-Control-Expose-Headers"),
				"Cache-Control,Deprecation,ETag,RateLimit,RateLimit-Policy,Retry-After,Sunset,WWW-Authenticate,X-Request-Id", body)
			checkVary(t, response.Header, "Origin")
			checkNoCredentials(t, response.Header)
		}
	})
	for _, origin := range []string{
		"https://evil.example", "null", "http://app.example.com", "https://app.example.com:443", "https://app.example.com/",
		"https://APP.example.com", "https://app.example.com.evil.example", "https://evil-app.example.com",
		"https://x.app.example.com", "https://appxexample.com", "https://app.example.com@evil.example", "*",
		"https://admin.example.com", ourOrigin + "," + otherOrigin, ourOrigin + " " + otherOrigin,
	} {
		t.Run("a page of "+origin+" may nothing", func(t *testing.T) {
			t.Parallel()
			for _, r := range []request{preflight(origin, http.MethodPatch), get(mePath).as(ada).with("Origin", origin)} {
				response, _ := s.send(t, r)
				for name := range response.Header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s %s has %s: %s", r.method, r.path, name, response.Header.Get(name))
					}
				}
				checkVary(t, response.Header, "Origin") // or a cache would serve one page the answer for another
			}
		})
	}
	t.Run("an OPTIONS that is no preflight asks for the methods", func(t *testing.T) {
		t.Parallel()
		for _, r := range []request{
			{method: http.MethodOptions, path: mePath},
			request{method: http.MethodOptions, path: mePath}.with("Origin", ourOrigin),
		} {
			response, body := s.send(t, r)
			want(t, "status", response.StatusCode, http.StatusNoContent, body)
			allowed := strings.Split(response.Header.Get("Allow"), ", ")
			slices.Sort(allowed)
			want(t, "Allow", strings.Join(allowed, " "), "GET HEAD OPTIONS PATCH", nil)
			want(t, "methods", response.Header.Get("Access-Control-Allow-Methods"), "", nil)
		}
		nothing := request{method: http.MethodOptions, path: "/nothing"}
		for _, r := range []request{nothing, nothing.with("Access-Control-Request-Method", http.MethodPatch)} {
			response, body := s.send(t, r)
			want(t, "status", response.StatusCode, http.StatusNotFound, body)
		}
	})
}

func TestCORSIsOffByDefault(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	for _, r := range []request{preflight(ourOrigin, http.MethodGet), get("/health").with("Origin", ourOrigin)} {
		response, _ := s.send(t, r)
		want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), "", nil)
	}
}

func TestCORSForEverybody(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{settings: map[string]string{"CORS_ORIGINS": "*"}})
	for _, r := range []request{preflight(ourOrigin, http.MethodGet), get("/health").with("Origin", ourOrigin)} {
		response, body := s.send(t, r)
		want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), "*", body)
		checkNoCredentials(t, response.Header)
	}
}

func checkVary(t *testing.T, header http.Header, names ...string) {
	t.Helper()
	for _, name := range names {
		if !slices.Contains(header.Values("Vary"), name) {
			t.Errorf("Vary is %q, without %s", header.Values("Vary"), name)
		}
	}
}

func checkNoCredentials(t *testing.T, header http.Header) {
	t.Helper()
	if value, sent := header["Access-Control-Allow-Credentials"]; sent {
		t.Errorf("credentials are allowed: %q", value)
	}
}
