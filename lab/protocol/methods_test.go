package protocol_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/api"
	"example.com/plinth/internal/apitest"
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
	s := apitest.NewServer(t, apitest.Options{})
	known := map[string][]string{"/api/docs": {http.MethodGet}, "/api/openapi.json": {http.MethodGet}}
	for _, op := range apitest.Contract.Operations() {
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
			response, body := s.Do(method, path, nil, "")
			isRefused := response.StatusCode == http.StatusMethodNotAllowed
			if isRefused == slices.Contains(methods, method) {
				t.Errorf("%s %s: status %d, the methods are %s", method, path, response.StatusCode, allowed)
			}
			if isRefused || method == http.MethodOptions {
				apitest.Want(t, "Allow of "+method+" "+path, response.Header.Get("Allow"), allowed, []byte(body))
			}
		}
	}
}

func TestOptionsOfTheServer(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	status := sendRaw(t, s, []byte("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
	apitest.Want(t, "status", status, http.StatusNoContent, nil)
}

func TestAcceptPatchNamesTheMediaTypesOfPatch(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	patch := apitest.Request{Method: http.MethodPatch, Path: apitest.MePath, Body: `{"name":"Ada"}`}.As(ada)
	for name, test := range map[string]struct {
		request     apitest.Request
		status      int
		acceptPatch string
	}{
		"OPTIONS":                   {request: apitest.Request{Method: http.MethodOptions, Path: apitest.MePath}, status: 204, acceptPatch: patchTypes},
		"OPTIONS of a list":         {request: apitest.Request{Method: http.MethodOptions, Path: "/api/v1/users"}, status: 204},
		"another type":              {request: patch.Typed("text/plain"), status: 415, acceptPatch: patchTypes},
		"JSON Patch":                {request: patch.Typed("application/json-patch+json"), status: 415, acceptPatch: patchTypes},
		"merge patch":               {request: patch.Typed(mergePatch), status: 200},
		"merge patch in UTF-8":      {request: patch.Typed(mergePatch + "; charset=utf-8"), status: 200},
		"JSON":                      {request: patch.Typed("application/json"), status: 200},
		"merge patch, nothing":      {request: apitest.Request{Method: http.MethodPatch, Path: apitest.MePath, Body: `{}`}.As(ada).Typed(mergePatch), status: 422, acceptPatch: patchTypes},
		"a POST takes no patch":     {request: apitest.Post(apitest.LoginPath, apitest.Login(`"x"`).Body).Typed(mergePatch), status: 415},
		"a method that is not here": {request: apitest.Request{Method: http.MethodPut, Path: apitest.MePath}, status: 405},
	} {
		response, body := s.Send(t, test.request)
		apitest.Want(t, "status of "+name, response.StatusCode, test.status, body)
		apitest.Want(t, "Accept-Patch of "+name, response.Header.Get("Accept-Patch"), test.acceptPatch, body)
	}
}

func TestPublishedPatchesAcceptMergePatch(t *testing.T) {
	t.Parallel()
	text, err := api.Published()
	apitest.Must(t, err)
	patches := 0
	for _, op := range apitest.Contract.Operations() {
		if op.Method == http.MethodPatch {
			patches++
		}
	}
	apitest.Want(t, "requests that accept it", strings.Count(string(text), mergePatch+":"), patches, nil)
}
