package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// TestRefusalsAreAsTheExamplesShow holds that the contract's examples of problems are what callers get, word for word but
// for the id of the request.
//
//nolint:paralleltest,tparallel // one after the other, since an account of the examples is there once
func TestRefusalsAreAsTheExamplesShow(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(apicontract.OpenAPI)
	must(t, err)
	s := newServer(t, options{settings: map[string]string{"LOGIN_FAILURES_PER_ACCOUNT": "2"}})
	limited := newServer(t, options{settings: map[string]string{"RATE_LIMIT_READ": "1/1h"}})
	broken := newServer(t, options{})
	broken.store.Close()
	ada, throttled := s.example(true, false), s.register()
	root := s.registerAdmin()
	ofAda := usersPath + exampleUserID
	alone := newServer(t, options{})
	admin := pgtest.User(t, alone.store, pgtest.UserOpts{ID: exampleUserID, Role: domain.RoleAdmin})
	last, err := alone.client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{
		Email: admin.Email, Password: pgtest.Password,
	})
	must(t, err)
	demotion := post(ofAda, `{"role":"user"}`).bearing(last.JSON200.AccessToken)
	demotion.method = http.MethodPatch
	attempt := login(`{"email":"` + throttled.email + `","password":"wrong"}`)
	for range 2 {
		s.send(t, attempt)
	}
	limited.send(t, get(mePath))

	for name, refused := range map[string]struct {
		on *server
		request
	}{
		"MalformedRequest":       {s, login(somebody + "x")},
		"BodyTooLarge":           {s, register(strings.Repeat(" ", 64<<10+1))},
		"UnsupportedMediaType":   {s, register("").typed("text/plain")},
		"Unauthenticated":        {s, get(mePath)},
		"InvalidToken":           {s, get(mePath).bearing("x")},
		"InvalidCredentials":     {s, login(somebody)},
		"InvalidRefreshToken":    {s, refresh(`{"refresh_token":"x"}`)},
		"Forbidden":              {s, get(ofAda).as(ada)},
		"ReauthenticationFailed": {s, change(ada, `{"name":"Ada","current_password":"wrong"}`)},
		"SessionNotFound":        {s, request{method: http.MethodDelete, path: mePath + "/sessions/" + "01JD8Z5W8Q2R4S6T8V0W2X4Y6Z"}.as(ada)},
		"EmailTaken":             {s, register(`{"email":"` + exampleEmail + `","password":"something longer than that"}`)},
		"PreconditionFailed":     {s, change(ada, `{"name":"Ada"}`).with("If-Match", `"0"`)},
		"InvalidBody":            {s, register(`{"email":"ada.example.com","password":"x"}`)},
		"InvalidParameter":       {s, get(usersPath + strings.ToLower(exampleUserID)).as(root)},
		"TooManyAttempts":        {s, attempt},
		"RateLimited":            {limited, get(mePath)},
		"Unavailable":            {broken, get(mePath).as(ada)},
		"UserNotFound":           {limited, get(ofAda).as(limited.registerAdmin())},
		"LastAdmin":              {alone, demotion},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := refused.on.send(t, refused.request)
			wanted, err := json.Marshal(spec.Components.Examples[name].Value.Value)
			must(t, err)
			want(t, "answer", withoutRequestID(t, body), withoutRequestID(t, wanted), body)
		})
	}
}

func withoutRequestID(t *testing.T, text []byte) string {
	t.Helper()
	var members map[string]any
	must(t, json.Unmarshal(text, &members))
	delete(members, "request_id")
	ordered, err := json.Marshal(members)
	must(t, err)
	return string(ordered)
}
