package contracttest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3filter"

	"example.com/plinth/kit/contracttest"
)

// guard is a check of requests.
type guard string

const (
	authentication guard = "authentication"
	authorization  guard = "authorization"
	bodySize       guard = "body size"
	mediaType      guard = "media type"
	contentCoding  guard = "content coding"
	strictJSON     guard = "strict JSON"
	undeclared     guard = "undeclared query parameters"
	brokenQuery    guard = "broken queries"
	repeated       guard = "repeated query parameters"
	schemas        guard = "schemas"
	controls       guard = "control characters"
)

var guards = []guard{
	authentication, authorization, bodySize, mediaType, contentCoding, strictJSON, undeclared, brokenQuery, repeated,
	schemas, controls,
}

// reference is a service that checks requests with another validator than the one that derives
// them. It may lack a guard.
type reference struct {
	contract *contracttest.Contract
	lacks    guard
}

func (s reference) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.WriteHeader(s.status(req))
}

func (s reference) has(g guard) bool { return s.lacks != g }

func (s reference) status(req *http.Request) int {
	_, op, found := s.contract.Route(req)
	role := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	switch {
	case !found:
		return http.StatusNotFound
	case op.Role != "" && role == "" && s.has(authentication):
		return http.StatusUnauthorized
	case role != "" && !op.Allows(role) && s.has(authorization):
		return http.StatusForbidden
	}
	if status := s.query(req, op); status != 0 {
		return status
	}
	body, status := s.read(req)
	if status != 0 {
		return status
	}
	return s.validate(req, body)
}

func (s reference) query(req *http.Request, op contracttest.Operation) int {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil && s.has(brokenQuery) {
		return http.StatusBadRequest
	}
	for name, values := range query {
		if !op.DeclaresQuery(name) && s.has(undeclared) {
			return http.StatusUnprocessableEntity
		}
		if hasControls(strings.Join(values, "")) && s.has(controls) {
			return http.StatusUnprocessableEntity
		}
		if values[0] == "" && s.has(schemas) { // the validator would use the default
			return http.StatusUnprocessableEntity
		}
		if len(values) > 1 && name != "tag" && s.has(repeated) {
			return http.StatusBadRequest
		}
	}
	return 0
}

func (s reference) read(req *http.Request) (body []byte, refusal int) {
	body, err := io.ReadAll(req.Body)
	route, _, _ := s.contract.Route(req)
	if err != nil || route.Operation.RequestBody == nil {
		return nil, 0
	}
	if len(body) > 64<<10 && s.has(bodySize) {
		return nil, http.StatusRequestEntityTooLarge
	}
	if req.Header.Get("Content-Encoding") != "" && s.has(contentCoding) {
		return nil, http.StatusUnsupportedMediaType
	}
	kind, parameters, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	if s.has(mediaType) && (err != nil || kind != "application/json" || charset != "" && charset != "utf-8") {
		return nil, http.StatusUnsupportedMediaType
	}
	if _, err := contracttest.Decode(body); err != nil && (s.has(strictJSON) || !json.Valid(body)) {
		return nil, http.StatusBadRequest
	}
	return body, 0
}

func (s reference) validate(req *http.Request, body []byte) int {
	var value any
	_ = json.Unmarshal(body, &value) // read has checked it
	if hasControls(value) && s.has(controls) {
		return http.StatusUnprocessableEntity
	}
	route, op, _ := s.contract.Route(req)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	err := openapi3filter.ValidateRequest(req.Context(), &openapi3filter.RequestValidationInput{
		Request:    req,
		PathParams: pathParams(op, req),
		Route:      route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc,
			SkipSettingDefaults:     true,
			SchemaValidationOptions: contracttest.Validation(),
		},
	})
	if err != nil && s.has(schemas) {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func pathParams(op contracttest.Operation, req *http.Request) map[string]string {
	params := map[string]string{}
	got := strings.Split(req.URL.EscapedPath(), "/")
	for i, segment := range strings.Split(op.Path, "/") {
		if strings.HasPrefix(segment, "{") {
			params[strings.Trim(segment, "{}")], _ = url.PathUnescape(got[i])
		}
	}
	return params
}

func hasControls(value any) bool {
	switch value := value.(type) {
	case string:
		return strings.ContainsFunc(value, unicode.IsControl)
	case []any:
		return slices.ContainsFunc(value, hasControls)
	case map[string]any:
		value = maps.Clone(value)
		if note, ok := value["note"].(string); ok { // x-multiline
			value["note"] = strings.NewReplacer("\n", "", "\t", "").Replace(note)
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), hasControls)
	}
	return false
}
