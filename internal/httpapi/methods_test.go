package httpapi_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/api"
)

const (
	mergePatch = "application/merge-patch+json"
	patchTypes = mergePatch + ", application/json"
)

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// Every method that Allow names has to be taken, every other one is refused with the same Allow
// (RFC 9110, 10.2.1).
func TestAllowNamesTheMethodsOfEachPath(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	known := map[string][]string{"/api/docs": {http.MethodGet}, "/api/openapi.json": {http.MethodGet}}
	for _, op := range contract.Operations() {
		path := pathParameter.ReplaceAllString(op.Path, "01JD8Z5V3K4N6P7Q8R9S0T1V2W")
		known[path] = append(known[path], op.Method)
	}
	for path, methods := range known {
		methods = append(methods, http.MethodOptions)
		if slices.Contains(methods, http.MethodGet) {
			methods = append(methods, http.MethodHead)
		}
		slices.Sort(methods)
		allowed := strings.Join(methods, ", ")
		for _, method := range []string{
			http.MethodOptions, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
			http.MethodDelete, http.MethodTrace, "BREW",
		} {
			response, body := s.do(method, path, nil, "")
			isRefused := response.StatusCode == http.StatusMethodNotAllowed
			if isRefused == slices.Contains(methods, method) {
				t.Errorf("%s %s: status %d, the methods are %s", method, path, response.StatusCode, allowed)
			}
			if isRefused || method == http.MethodOptions {
				want(t, "Allow of "+method+" "+path, response.Header.Get("Allow"), allowed, []byte(body))
			}
		}
	}
}

func TestOptionsOfTheServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	status := sendRaw(t, s, []byte("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
	want(t, "status", status, http.StatusNoContent, nil)
}

func TestAcceptPatchNamesTheMediaTypesOfPatch(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()
	patch := request{method: http.MethodPatch, path: mePath, body: `{"name":"Ada"}`}.as(ada)
	for name, test := range map[string]struct {
		request     request
		status      int
		acceptPatch string
	}{
		"OPTIONS":                   {request: request{method: http.MethodOptions, path: mePath}, status: 204, acceptPatch: patchTypes},
		"OPTIONS of a list":         {request: request{method: http.MethodOptions, path: "/api/v1/users"}, status: 204},
		"another type":              {request: patch.typed("text/plain"), status: 415, acceptPatch: patchTypes},
		"JSON Patch":                {request: patch.typed("application/json-patch+json"), status: 415, acceptPatch: patchTypes},
		"merge patch":               {request: patch.typed(mergePatch), status: 200},
		"merge patch in UTF-8":      {request: patch.typed(mergePatch + "; charset=utf-8"), status: 200},
		"JSON":                      {request: patch.typed("application/json"), status: 200},
		"merge patch, nothing":      {request: request{method: http.MethodPatch, path: mePath, body: `{}`}.as(ada).typed(mergePatch), status: 422, acceptPatch: patchTypes},
		"a POST takes no patch":     {request: post(loginPath, login(`"x"`).body).typed(mergePatch), status: 415},
		"a method that is not here": {request: request{method: http.MethodPut, path: mePath}, status: 405},
	} {
		response, body := s.send(t, test.request)
		want(t, "status of "+name, response.StatusCode, test.status, body)
		want(t, "Accept-Patch of "+name, response.Header.Get("Accept-Patch"), test.acceptPatch, body)
	}
}

func TestPublishedPatchesAcceptMergePatch(t *testing.T) {
	t.Parallel()
	text, err := api.Published()
	must(t, err)
	patches := 0
	for _, op := range contract.Operations() {
		if op.Method == http.MethodPatch {
			patches++
		}
	}
	want(t, "requests that accept it", strings.Count(string(text), mergePatch+":"), patches, nil)
}
