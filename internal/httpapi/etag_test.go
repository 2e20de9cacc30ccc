package httpapi_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
)

// RFC 9110, section 13.2.2: If-Match first, then If-None-Match; the rest as if there were no condition.
func TestPreconditionsOfReads(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{settings: map[string]string{"CORS_ORIGINS": ourOrigin}})
	admin, ada := s.registerAdmin(), s.register()
	reads := map[string]account{mePath: ada, usersPath + s.user(ada).ID: admin}
	for name, test := range map[string]struct {
		header http.Header
		status int
	}{
		"the tag":                     {http.Header{"If-None-Match": {`"1"`}}, 304},
		"the tag, weak":               {http.Header{"If-None-Match": {`W/"1"`}}, 304},
		"one of a list":               {http.Header{"If-None-Match": {`"7", W/"1" ,, "x"`}}, 304},
		"one of several lines":        {http.Header{"If-None-Match": {`"7"`, `"1"`}}, 304},
		"any":                         {http.Header{"If-None-Match": {"*"}}, 304},
		"another tag":                 {http.Header{"If-None-Match": {`"2"`}}, 200},
		"a tag that begins alike":     {http.Header{"If-None-Match": {`"11", "1-gzip"`}}, 200},
		"match the tag":               {http.Header{"If-Match": {`"1"`}}, 200},
		"match any":                   {http.Header{"If-Match": {"*"}}, 200},
		"match another":               {http.Header{"If-Match": {`"999"`}}, 412},
		"match the tag, weak":         {http.Header{"If-Match": {`W/"1"`}}, 412},
		"match one of a list":         {http.Header{"If-Match": {`"0", "1"`}}, 200},
		"match, and not modified":     {http.Header{"If-Match": {`"1"`}, "If-None-Match": {`"1"`}}, 304},
		"no match, and not modified":  {http.Header{"If-Match": {`"0"`}, "If-None-Match": {`"1"`}}, 412},
		"a date, without a date here": {http.Header{"If-Modified-Since": {"Fri, 01 Jan 2100 00:00:00 GMT"}}, 200},
		"no tag":                      {http.Header{"If-None-Match": {"1"}}, 422},
		"match no tag":                {http.Header{"If-Match": {`"1`}}, 422},
	} {
		for path, reader := range reads {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r := request{method: method, path: path, header: test.header.Clone()}.as(reader).with("Origin", ourOrigin)
				response, body := s.send(t, r)
				want(t, name+", status of "+method, response.StatusCode, test.status, body)
				isRead := test.status == http.StatusOK || test.status == http.StatusNotModified
				want(t, name+", ETag", response.Header.Get("ETag"), map[bool]string{true: `"1"`}[isRead], body)
				want(t, name+", Vary", response.Header.Get("Vary"), "Origin", body)
				want(t, name+", has a body", len(body) > 0, method == http.MethodGet && test.status != http.StatusNotModified, body)
				if test.status == http.StatusNotModified {
					want(t, name+", Content-Type", response.Header.Get("Content-Type"), "", nil)
				}
			}
		}
	}
	stranger, body := s.send(t, get(mePath).with("If-None-Match", "*"))
	want(t, "a condition lets no stranger in", stranger.StatusCode, http.StatusUnauthorized, body)
	nothing, body := s.send(t, get(usersPath+"01JD8Z5V3K4N6P7Q8R9S0T1V2W").as(admin).with("If-None-Match", "*"))
	want(t, "a condition hides no 404", nothing.StatusCode, http.StatusNotFound, body)
	list, body := s.send(t, get("/api/v1/users").as(admin).with("If-None-Match", "*"))
	want(t, "a list has no tag to compare", list.StatusCode, http.StatusOK, body)
}

func TestPreconditionsOfChanges(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	admin := s.registerAdmin()
	for _, path := range []string{mePath, usersPath + s.user(admin).ID} {
		patch := request{method: http.MethodPatch, path: path, body: `{"name":"Ada"}`}.as(admin).typed("application/json")
		read, _ := s.send(t, get(path).as(admin))
		tag := read.Header.Get("ETag")
		for name, r := range map[string]request{
			"None-Match any":          patch.with("If-None-Match", "*"),
			"None-Match the tag":      patch.with("If-None-Match", tag),
			"None-Match the tag weak": patch.with("If-None-Match", "W/"+tag),
			"Match and None-Match":    patch.with("If-Match", tag).with("If-None-Match", tag),
			"Match another":           patch.with("If-Match", `"999"`),
		} {
			response, body := s.send(t, r)
			want(t, name, response.StatusCode, http.StatusPreconditionFailed, body)
		}
		after, _ := s.send(t, get(path).as(admin))
		want(t, "nothing was changed", after.Header.Get("ETag"), tag, nil)
		response, body := s.send(t, patch.with("If-Match", tag).with("If-None-Match", `"999"`))
		want(t, "both hold", response.StatusCode, http.StatusOK, body)
	}
}

// The published contract has the conditions wherever a GET gives an ETag, and nowhere else.
func TestPublishedReadsHavePreconditions(t *testing.T) {
	t.Parallel()
	text, err := api.Published()
	must(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	must(t, err)
	must(t, doc.Validate(t.Context()))
	found := 0
	for path, item := range doc.Paths.Map() {
		if item.Get == nil {
			continue
		}
		hasTag := item.Get.Responses.Value("200").Value.Headers["ETag"] != nil
		parameters := item.Get.Parameters
		var has []bool
		for _, name := range []string{"If-Match", "If-None-Match"} {
			has = append(has, parameters.GetByInAndName("header", name) != nil)
		}
		for _, status := range []string{"304", "412"} {
			has = append(has, item.Get.Responses.Value(status) != nil)
		}
		if slices.Contains(has, !hasTag) {
			t.Errorf("GET %s: an ETag %t; If-Match, If-None-Match, 304, 412: %v", path, hasTag, has)
		}
		if hasTag {
			found++
		}
	}
	if found == 0 {
		t.Error("no GET has an ETag")
	}
}
