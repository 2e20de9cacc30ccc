package protocol_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/nullable"

	"example.com/plinth/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
)

// RFC 9110, section 13.2.2: If-Match first, then If-None-Match; the rest as if there were no
// condition.
func TestPreconditionsOfReads(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"CORS_ORIGINS": ourOrigin}})
	admin, ada := s.RegisterAdmin(), s.Register()
	reads := map[string]apitest.Account{apitest.MePath: ada, apitest.UsersPath + s.User(ada).ID: admin}
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
				r := apitest.Request{Method: method, Path: path, Header: test.header.Clone()}.As(reader).With("Origin", ourOrigin)
				response, body := s.Send(t, r)
				apitest.Want(t, name+", status of "+method, response.StatusCode, test.status, body)
				isRead := test.status == http.StatusOK || test.status == http.StatusNotModified
				apitest.Want(t, name+", ETag", response.Header.Get("ETag"), map[bool]string{true: `"1"`}[isRead], body)
				apitest.Want(t, name+", Vary", response.Header.Get("Vary"), "Origin", body)
				apitest.Want(t, name+", has a body", len(body) > 0, method == http.MethodGet && test.status != http.StatusNotModified, body)
				if test.status == http.StatusNotModified {
					apitest.Want(t, name+", Content-Type", response.Header.Get("Content-Type"), "", nil)
				}
			}
		}
	}
	stranger, body := s.Send(t, apitest.Get(apitest.MePath).With("If-None-Match", "*"))
	apitest.Want(t, "a condition lets no stranger in", stranger.StatusCode, http.StatusUnauthorized, body)
	nothing, body := s.Send(t, apitest.Get(apitest.UsersPath+"01JD8Z5V3K4N6P7Q8R9S0T1V2W").As(admin).With("If-None-Match", "*"))
	apitest.Want(t, "a condition hides no 404", nothing.StatusCode, http.StatusNotFound, body)
	list, body := s.Send(t, apitest.Get("/api/v1/users").As(admin).With("If-None-Match", "*"))
	apitest.Want(t, "a list has no tag to compare", list.StatusCode, http.StatusOK, body)
}

func TestPreconditionsOfChanges(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()
	for _, path := range []string{apitest.MePath, apitest.UsersPath + s.User(admin).ID} {
		patch := apitest.Request{Method: http.MethodPatch, Path: path, Body: `{"name":"Ada"}`}.As(admin).Typed("application/json")
		read, _ := s.Send(t, apitest.Get(path).As(admin))
		tag := read.Header.Get("ETag")
		for name, r := range map[string]apitest.Request{
			"None-Match any":          patch.With("If-None-Match", "*"),
			"None-Match the tag":      patch.With("If-None-Match", tag),
			"None-Match the tag weak": patch.With("If-None-Match", "W/"+tag),
			"Match and None-Match":    patch.With("If-Match", tag).With("If-None-Match", tag),
			"Match another":           patch.With("If-Match", `"999"`),
		} {
			response, body := s.Send(t, r)
			apitest.Want(t, name, response.StatusCode, http.StatusPreconditionFailed, body)
		}
		after, _ := s.Send(t, apitest.Get(path).As(admin))
		apitest.Want(t, "nothing was changed", after.Header.Get("ETag"), tag, nil)
		response, body := s.Send(t, patch.With("If-Match", tag).With("If-None-Match", `"999"`))
		apitest.Want(t, "both hold", response.StatusCode, http.StatusOK, body)
	}
}

// The published contract has the conditions wherever a GET gives an ETag, and nowhere else.
func TestPublishedReadsHavePreconditions(t *testing.T) {
	t.Parallel()
	text, err := api.Published()
	apitest.Must(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	apitest.Must(t, err)
	apitest.Must(t, doc.Validate(t.Context()))
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

// TestIfMatch checks RFC 9110, section 13.1.1, in both operations with If-Match.
//
//nolint:paralleltest,tparallel // the subtests are on one account
func TestIfMatch(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada, admin := s.Register(), s.RegisterAdmin()
	id := s.User(ada).ID
	for operation, patch := range map[string]func(ifMatch string) (status int, body []byte, problem apiclient.Problem, tag string){
		"one's own": func(ifMatch string) (int, []byte, apiclient.Problem, string) {
			response, err := ada.UpdateCurrentUserWithResponse(t.Context(), &apiclient.UpdateCurrentUserParams{IfMatch: &ifMatch},
				apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullableWithValue("Ada")})
			apitest.Must(t, err)
			problem := apitest.ProblemOf(t, response.HTTPResponse, response.Body)
			return response.StatusCode(), response.Body, problem, response.HTTPResponse.Header.Get("ETag")
		},
		"by an admin": func(ifMatch string) (int, []byte, apiclient.Problem, string) {
			response, err := admin.UpdateUserWithResponse(t.Context(), id, &apiclient.UpdateUserParams{IfMatch: &ifMatch},
				apiclient.UpdateUserRequest{Name: nullable.NewNullableWithValue("Ada")})
			apitest.Must(t, err)
			problem := apitest.ProblemOf(t, response.HTTPResponse, response.Body)
			return response.StatusCode(), response.Body, problem, response.HTTPResponse.Header.Get("ETag")
		},
	} {
		t.Run(operation, func(t *testing.T) {
			current := func() string {
				response, err := admin.GetUserWithResponse(t.Context(), id)
				apitest.Must(t, err)
				return response.Headers200.ETag
			}
			stale := current()
			for _, form := range []string{`TAG`, `*`, `"0", TAG`, `W/"0",TAG`, ` , TAG ,,`, `TAG , "a,b"`, `"W/", TAG`} {
				before := current()
				status, body, _, after := patch(strings.ReplaceAll(form, "TAG", before))
				apitest.Want(t, "status of "+form, status, http.StatusOK, body)
				if after == before || after != current() {
					t.Errorf("%s: after %s came %s, and now it is %s", form, before, after, current())
				}
			}
			for _, form := range []string{
				stale, `"0"`, `W/TAG`, `"0", W/TAG`, `""`, `"*"`, `"xVERSION"`, `"+VERSION"`, `"0VERSION"`, `"99999999999999999999"`, `"é"`,
			} {
				before := current()
				ifMatch := strings.NewReplacer("TAG", before, "VERSION", strings.Trim(before, `"`)).Replace(form)
				status, body, problem, _ := patch(ifMatch)
				apitest.Want(t, "status of "+ifMatch, status, http.StatusPreconditionFailed, body)
				apitest.Want(t, "code", problem.Code, apiclient.ProblemCodePreconditionFailed, body)
				apitest.Want(t, "ETag after a refused change", current(), before, body)
			}
			for _, form := range []string{`x`, `3`, `"3`, `3"`, `"3" "4"`, `"3"x`, `w/"3"`, `W/`, `W/ "3"`, `*, "3"`, `"3", *`, `'3'`, `,`, `"3 4"`, `"3";"4"`} {
				status, body, problem, _ := patch(form)
				apitest.Want(t, "status of "+form, status, http.StatusUnprocessableEntity, body)
				entry := problem.Errors[0]
				apitest.Want(t, "place", string(*entry.In)+":"+*entry.Name+" "+entry.Code, "header:If-Match invalid_format", body)
			}
		})
	}
}

// Of many that have read the same version, one may write.
func TestOneOfManyWritersWins(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	me, err := ada.GetCurrentUserWithResponse(t.Context())
	apitest.Must(t, err)
	var group sync.WaitGroup
	statuses := make(chan int, 20)
	for i := range cap(statuses) {
		group.Go(func() {
			response, err := ada.UpdateCurrentUserWithResponse(t.Context(), &apiclient.UpdateCurrentUserParams{IfMatch: &me.Headers200.ETag},
				apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullableWithValue(strconv.Itoa(i))})
			if err != nil {
				t.Error(err)
				return
			}
			statuses <- response.StatusCode()
		})
	}
	group.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	if counts[http.StatusOK] != 1 || counts[http.StatusPreconditionFailed] != 19 {
		t.Errorf("the statuses are %v", counts)
	}
}
