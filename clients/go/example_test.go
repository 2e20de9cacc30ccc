package plinth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
)

// newStub starts a server that answers with examples of the contract, so that the examples need no
// service.
func newStub() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := http.StatusOK, ""
		switch {
		case strings.HasSuffix(r.URL.Path, "/auth/login"):
			body = `{"access_token":"access","refresh_token":"refresh","token_type":"bearer","expires_in":900}`
		case r.Header.Get("Authorization") != "Bearer access":
			status, body = http.StatusUnauthorized, `{"type":"urn:problem-type:unauthenticated","title":"Authentication required",
				"status":401,"detail":"Send an access token as Authorization: Bearer.","instance":"/api/v1/users/me",
				"code":"unauthenticated","request_id":"01JD8Z6Q9TZ5V3K4N6P7Q8R9S0"}`
		default:
			body = `{"id":"01JD8Z5V3K4N6P7Q8R9S0T1V2W","email":"ada@example.com","name":"Ada Lovelace","role":"user",
				"is_active":true,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}`
		}
		w.Header().Set("Content-Type", map[bool]string{true: "application/json", false: "application/problem+json"}[status < 400])
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
}

func Example() {
	server := newStub() // in a program, use the URL of the API
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	client, err := plinth.New(server.URL, plinth.Options{})
	if err != nil {
		panic(err)
	}
	if err := client.Login(ctx, "ada@example.com", "correct horse battery staple"); err != nil {
		panic(err)
	}
	me, err := client.GetCurrentUserWithResponse(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(me.JSON200.Email, *me.JSON200.Name)
	// Output: ada@example.com Ada Lovelace
}

func ExampleProblem() {
	server := newStub()
	defer server.Close()
	client, err := plinth.New(server.URL, plinth.Options{})
	if err != nil {
		panic(err)
	}
	_, err = client.GetCurrentUserWithResponse(context.Background())
	if problem, ok := errors.AsType[*plinth.Problem](err); ok {
		fmt.Println(problem.Status, problem.Code)
	}
	fmt.Println(plinth.IsProblem(err, apiclient.ProblemCodeForbidden))
	// Output:
	// 401 unauthenticated
	// false
}
