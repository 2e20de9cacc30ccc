package protocol_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/apitest"
)

const (
	ourOrigin   = "https://app.example.com"
	otherOrigin = "https://admin.example.com:8443"
)

// preflight asks, as a browser does, whether a page may send a request to change an account.
func preflight(origin, method string) apitest.Request {
	return apitest.Request{Method: http.MethodOptions, Path: apitest.MePath}.With("Origin", origin).
		With("Access-Control-Request-Method", method).With("Access-Control-Request-Headers", "authorization,content-type")
}

func TestCORS(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"CORS_ORIGINS": ourOrigin + "," + otherOrigin}})
	ada := s.Register()

	t.Run("a page of ours may send anything that the API has", func(t *testing.T) {
		t.Parallel()
		for _, origin := range []string{ourOrigin, otherOrigin} {
			response, body := s.Send(t, preflight(origin, http.MethodPatch))
			apitest.Want(t, "status", response.StatusCode, http.StatusNoContent, body)
			header := response.Header
			apitest.Want(t, "origin", header.Get("Access-Control-Allow-Origin"), origin, nil)
			apitest.Want(t, "methods", header.Get("Access-Control-Allow-Methods"), "GET,HEAD,POST,PUT,PATCH,DELETE", nil)
			apitest.Want(t, "headers", header.Get("Access-Control-Allow-Headers"), "Authorization,Content-Type,If-Match,If-None-Match,traceparent,tracestate,X-Request-Id,X-Token-Transport", nil)
			apitest.Want(t, "age", header.Get("Access-Control-Max-Age"), "600", nil)
			checkVary(t, header, "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
			checkNoCredentials(t, header)
		}
	})
	t.Run("a page of ours may read every answer, refusals too", func(t *testing.T) {
		t.Parallel()
		for _, r := range []apitest.Request{apitest.Get(apitest.MePath).As(ada), apitest.Get(apitest.MePath), apitest.Get("/nothing"), apitest.Login(`{`), apitest.Post(apitest.MePath, "")} {
			response, body := s.Send(t, r.With("Origin", ourOrigin))
			apitest.Want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), ourOrigin, body)
			apitest.Want(t, "exposed headers", response.Header.Get("Access-Control-Expose-Headers"),
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
			for _, r := range []apitest.Request{preflight(origin, http.MethodPatch), apitest.Get(apitest.MePath).As(ada).With("Origin", origin)} {
				response, _ := s.Send(t, r)
				for name := range response.Header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s %s has %s: %s", r.Method, r.Path, name, response.Header.Get(name))
					}
				}
				checkVary(t, response.Header, "Origin") // or a cache would serve one page the answer for another
			}
		})
	}
	t.Run("an OPTIONS that is no preflight asks for the methods", func(t *testing.T) {
		t.Parallel()
		for _, r := range []apitest.Request{
			{Method: http.MethodOptions, Path: apitest.MePath},
			apitest.Request{Method: http.MethodOptions, Path: apitest.MePath}.With("Origin", ourOrigin),
		} {
			response, body := s.Send(t, r)
			apitest.Want(t, "status", response.StatusCode, http.StatusNoContent, body)
			allowed := strings.Split(response.Header.Get("Allow"), ", ")
			slices.Sort(allowed)
			apitest.Want(t, "Allow", strings.Join(allowed, " "), "GET HEAD OPTIONS PATCH", nil)
			apitest.Want(t, "methods", response.Header.Get("Access-Control-Allow-Methods"), "", nil)
		}
		nothing := apitest.Request{Method: http.MethodOptions, Path: "/nothing"}
		for _, r := range []apitest.Request{nothing, nothing.With("Access-Control-Request-Method", http.MethodPatch)} {
			response, body := s.Send(t, r)
			apitest.Want(t, "status", response.StatusCode, http.StatusNotFound, body)
		}
	})
}

func TestCORSIsOffByDefault(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	for _, r := range []apitest.Request{preflight(ourOrigin, http.MethodGet), apitest.Get("/health").With("Origin", ourOrigin)} {
		response, _ := s.Send(t, r)
		apitest.Want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), "", nil)
	}
}

func TestCORSWithAnyOrigin(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"CORS_ORIGINS": "*"}})
	for _, r := range []apitest.Request{preflight(ourOrigin, http.MethodGet), apitest.Get("/health").With("Origin", ourOrigin)} {
		response, body := s.Send(t, r)
		apitest.Want(t, "origin", response.Header.Get("Access-Control-Allow-Origin"), "*", body)
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
