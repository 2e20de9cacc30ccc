package contracttest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	broken := []int{http.StatusUnprocessableEntity}
	huge := []int{http.StatusRequestEntityTooLarge}
	body := []byte("{}")
	tests := map[string]struct {
		operation string
		target    string
		refusals  []int
		body      []byte
		role      string
		good, bad []int
	}{
		"valid": {
			operation: "listBooks",
			good:      []int{200, 404},
			bad:       []int{400, 413, 415, 422, 500, 503},
		},
		"valid with a body": {
			operation: "createBook",
			body:      body,
			role:      "user",
			good:      []int{201, 409, 422},
			bad:       []int{400, 401, 413, 415, 500},
		},
		"valid with free text": {
			operation: "listBooks",
			target:    "/books?lang=xx&cursor=x",
			good:      []int{200, 422},
			bad:       []int{400, 500},
		},
		"valid with an enum": {
			operation: "listBooks",
			target:    "/books?lang=xx&sort=title",
			good:      []int{200},
			bad:       []int{422},
		},
		"valid with a number": {
			operation: "listBooks",
			target:    "/books?lang=xx&limit=1",
			good:      []int{200},
			bad:       []int{422},
		},
		"invalid": {
			operation: "listBooks",
			refusals:  broken,
			good:      []int{422},
			bad:       []int{200, 400, 401, 500},
		},
		"anonymous": {
			operation: "createBook",
			body:      body,
			good:      []int{401},
			bad:       []int{201, 400, 403, 413, 422, 500},
		},
		"anonymous and invalid": {
			operation: "createBook",
			body:      body,
			refusals:  broken,
			good:      []int{401},
			bad:       []int{422},
		},
		"anonymous and too large": {
			operation: "createBook",
			body:      body,
			refusals:  huge,
			good:      []int{401, 413},
			bad:       []int{201, 400},
		},
		"with too low a role": {
			operation: "deleteBook",
			role:      "user",
			good:      []int{403},
			bad:       []int{204, 401, 404, 422},
		},
		"with an unknown role": {operation: "deleteBook", role: "owner", good: []int{403}, bad: []int{204}},
		"with a higher role": {
			operation: "createBook",
			body:      body,
			role:      "admin",
			good:      []int{201},
			bad:       []int{400},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := operation(t, library(t), test.operation)
			request := contracttest.Request{
				Operation: op,
				Target:    test.target,
				Body:      test.body,
				Refusals:  test.refusals,
			}
			for _, status := range slices.Concat(test.good, test.bad) {
				err := request.Verify(status, test.role)
				if (err == nil) != slices.Contains(test.good, status) {
					t.Errorf("%d: got %v", status, err)
				}
			}
		})
	}
}

func TestVerifyDeniesOperationsOfUnknownRoles(t *testing.T) {
	t.Parallel()
	request := contracttest.Request{Operation: operation(t, library(t), "createBook")}
	request.Operation.Role = "owner"
	for _, role := range []string{"", "user", "admin", "owner"} {
		if request.Verify(http.StatusCreated, role) == nil {
			t.Errorf("role %q may call it", role)
		}
	}
}

func TestSendSetsContentLengthUnlessChunked(t *testing.T) {
	t.Parallel()
	for chunked, want := range map[bool]int64{false: 2, true: -1} {
		var got int64
		client := &http.Client{Transport: direct{http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			got = req.ContentLength
			if req.ContentLength == 0 && req.Body != http.NoBody {
				got = -1 // as net/http sends it
			}
		})}}
		op := operation(t, library(t), "listBooks")
		request := contracttest.Request{Operation: op, Target: "/books", Body: []byte("{}"), Chunked: chunked}
		request.Send(t, client, "http://service.test", &contracttest.Caller{})
		if got != want {
			t.Errorf("chunked %v: the length is %d, want %d", chunked, got, want)
		}
	}
}

func TestSendReportsConnectionErrors(t *testing.T) {
	t.Parallel()
	heard := &listener{TB: t}
	request := contracttest.Request{Operation: operation(t, library(t), "listBooks"), Target: "/books"}
	request.Send(heard, &http.Client{}, "http://127.0.0.1:1", &contracttest.Caller{})
	if !strings.Contains(heard.text(), "refused") {
		t.Errorf("heard %q", heard.text())
	}
}

func TestSendRenewsRejectedTokens(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		taken   string // the token that the service takes
		renewed string // the token that the caller has in the end
		fails   bool
	}{
		"a valid token":                     {taken: "old", renewed: "old"},
		"a revoked token":                   {taken: "new", renewed: "new"},
		"a service that rejects all tokens": {taken: "none", renewed: "new", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &http.Client{Transport: direct{http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.Header.Get("Authorization") != "Bearer "+test.taken {
					w.WriteHeader(http.StatusUnauthorized)
				}
			})}}
			request := contracttest.Request{
				Operation: operation(t, library(t), "createBook"),
				Target:    "/books",
				Header:    http.Header{},
			}
			caller := &contracttest.Caller{Role: "user", Token: "old", Renew: func() string { return "new" }}
			heard := &listener{TB: t}
			request.Send(heard, client, "http://service.test", caller)
			if caller.Token != test.renewed || (heard.text() != "") != test.fails {
				t.Errorf("the caller has the %s token, Send reports %q", caller.Token, heard.text())
			}
		})
	}
}
