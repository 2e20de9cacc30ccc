package contracttest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

// answer is a response of a fake service to one request.
type answer struct {
	method, path string // of the request; GET /books/ABCD unless set
	status       int    // 200 unless set
	header       map[string]string
	twice        string // a header to send a second time
	body         string
}

const (
	book    = `{"title":"SICP","added_at":"2026-01-02T03:04:05Z"}`
	noBooks = `{"items":[],"next_cursor":null}`
	missing = `{"type":"urn:problem-type:book_not_found","title":"T","status":404,"detail":"D",` +
		`"instance":"/books/ABCD","code":"book_not_found","request_id":"r1"}`
	invalid = `{"type":"urn:problem-type:validation_failed","title":"T","status":422,"detail":"D",` +
		`"instance":"/books/ABCD","code":"validation_failed","request_id":"r1",` +
		`"errors":[{"in":"path","name":"id","code":"too_long","detail":"D"}]}`
	noRoute = `{"type":"urn:problem-type:route_not_found","title":"T","status":404,"detail":"D",` +
		`"instance":"/shelves","code":"route_not_found","request_id":"r1"}`
	noMethod = `{"type":"urn:problem-type:method_not_allowed","title":"T","status":405,"detail":"D",` +
		`"instance":"/books/ABCD","code":"method_not_allowed","request_id":"r1"}`
	problem = "application/problem+json"
)

// ask sends the request to a fake service that gives this answer, and returns the errors that the
// transport reports.
func ask(t *testing.T, c *contracttest.Contract, a answer) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-ID", "r1")
		w.Header().Set("Content-Type", "application/json")
		for name, value := range a.header {
			w.Header().Set(name, value)
			if value == "" {
				w.Header()[http.CanonicalHeaderKey(name)] = nil // disables sniffing
			}
		}
		if a.twice != "" {
			w.Header().Add(a.twice, w.Header().Get(a.twice))
		}
		w.WriteHeader(or(a.status, http.StatusOK))
		_, _ = io.WriteString(w, a.body)
	}))
	defer server.Close()
	heard := &listener{TB: t}
	client := &http.Client{Transport: c.NewTransport(heard, nil)}
	req, err := http.NewRequestWithContext(
		t.Context(),
		or(a.method, http.MethodGet),
		server.URL+or(a.path, "/books/ABCD"),
		http.NoBody,
	)
	must(t, err)
	resp, err := client.Do(req)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	if a.method != http.MethodHead && string(body) != a.body {
		t.Errorf("the client got %q, the service sent %q", body, a.body)
	}
	return heard.text()
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func TestTransportAcceptsDocumentedResponses(t *testing.T) {
	t.Parallel()
	asProblem := map[string]string{"Content-Type": problem}
	tests := map[string]answer{
		"a body": {body: book},
		"all members of a composed schema": {
			body: `{"title":"SICP","subtitle":null,"added_at":"2026-01-02T03:04:05.123Z",` +
				`"contact":"a@example.com","cover":"/c%20d.png","labels":{"any":"thing"},"extra":{"a":{"b":1}},` +
				`"copy":{"shelf":"A"},"parts":[{"title":"One"}]}`,
		},
		"headers that middleware sets": {
			body:   book,
			header: map[string]string{"Vary": "Origin", "Cache-Control": "no-store"},
		},
		"an optional header that is missing": {
			method: http.MethodPost,
			path:   "/books",
			status: http.StatusCreated,
			header: map[string]string{"Location": "/books/ABCD"},
			body:   book,
		},
		"HEAD of an unknown path": {
			method: http.MethodHead,
			path:   "/shelves",
			status: http.StatusNotFound,
			header: asProblem,
		},
		"HEAD like GET": {method: http.MethodHead},
		"no content": {
			method: http.MethodDelete, status: http.StatusNoContent,
			header: map[string]string{"Content-Type": ""},
		},
		"a concrete path before a parameter": {
			path:   "/books/latest",
			header: map[string]string{"Content-Type": "text/plain"},
			body:   "x",
		},
		"a deprecated operation": {
			path: "/books", body: noBooks,
			header: map[string]string{"Deprecation": "@1767225600", "Sunset": "Wed, 01 Jul 2026 00:00:00 GMT"},
		},
		"a documented problem":  {status: http.StatusNotFound, header: asProblem, body: missing},
		"a problem with fields": {status: http.StatusUnprocessableEntity, header: asProblem, body: invalid},
		"a problem by default": {
			status: http.StatusInternalServerError, header: asProblem,
			body: with(missing, "book_not_found", "internal_error", "404", "500"),
		},
		"an unknown path": {path: "/shelves", status: http.StatusNotFound, header: asProblem, body: noRoute},
		"an unknown method": {
			method: http.MethodPut, status: http.StatusMethodNotAllowed, body: noMethod,
			header: map[string]string{"Content-Type": problem, "Allow": "HEAD, OPTIONS, GET, DELETE"},
		},
		"a preflight": {
			method: http.MethodOptions, status: http.StatusNoContent,
			header: map[string]string{"Access-Control-Allow-Methods": "GET"},
		},
		"the docs": {path: "/docs/index.css", header: map[string]string{"Content-Type": "text/css"}, body: "a{}"},
		"a POST to the docs": {
			method: http.MethodPost, path: "/docs", status: http.StatusMethodNotAllowed, header: asProblem,
			body: with(noMethod, "/books/ABCD", "/docs"),
		},
		"disabled docs": {
			path: "/docs", status: http.StatusNotFound, header: asProblem,
			body: with(noRoute, "/shelves", "/docs"),
		},
	}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if heard := ask(t, library(t), a); heard != "" {
				t.Error(heard)
			}
		})
	}
}

// with replaces pairs of old and new text.
func with(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}

func TestTransportPassesTruncatedResponsesOn(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}))
	defer server.Close()
	heard := &listener{TB: t}
	client := &http.Client{Transport: library(t).NewTransport(heard, nil)}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/books/ABCD", http.NoBody)
	must(t, err)
	resp, err := client.Do(req)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, resp.Body.Close())
	if string(body) != "half" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q and %v", body, err)
	}
	if heard.text() != "" {
		t.Errorf("heard %q", heard.text())
	}
}
