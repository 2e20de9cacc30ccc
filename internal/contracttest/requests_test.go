package contracttest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"example.com/plinth/api"
	"example.com/plinth/internal/contracttest"
)

// enough requests are more than one round of any operation here.
const enough = 1500

// try sends requests to a reference service that lacks a guard, and returns what Send says of that.
func try(t *testing.T, c *contracttest.Contract, lacks guard, n int) string {
	t.Helper()
	server := httptest.NewServer(reference{contract: c, lacks: lacks})
	defer server.Close()
	heard := &listener{TB: t}
	callers := []contracttest.Caller{{}, {Role: "user", Token: "user"}, {Role: "admin", Token: "admin"}}
	for _, op := range c.Operations() {
		for i, request := range contracttest.Requests(t, op, 1, n) {
			request.Send(heard, server.Client(), server.URL, callers[i%len(callers)])
			request.Send(heard, server.Client(), server.URL, callers[2])
		}
	}
	return heard.text()
}

func TestRequestsAgreeWithAnotherValidator(t *testing.T) {
	t.Parallel()
	published, err := contracttest.Parse(api.OpenAPI)
	must(t, err)
	for name, c := range map[string]*contracttest.Contract{"library": library(t), "published": published} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if heard := try(t, c, "", enough); heard != "" {
				t.Error(heard)
			}
		})
	}
}

func TestRequestsFindEachMissingGuard(t *testing.T) {
	t.Parallel()
	for _, lacks := range guards {
		t.Run(string(lacks), func(t *testing.T) {
			t.Parallel()
			if try(t, library(t), lacks, enough) == "" {
				t.Errorf("a service without %s passes", lacks)
			}
		})
	}
}

func TestRequestsFindServerErrors(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	op := operation(t, library(t).Operations(), "listBooks")
	heard := &listener{TB: t}
	contracttest.Requests(t, op, 1, 1)[0].Send(heard, server.Client(), server.URL, contracttest.Caller{})
	if !strings.Contains(heard.text(), "answered 503") {
		t.Errorf("heard %q", heard.text())
	}
}

func TestEqualSeedsDrawEqualRequests(t *testing.T) {
	t.Parallel()
	op := operation(t, library(t).Operations(), "createBook")
	first, second := contracttest.Requests(t, op, 7, enough), contracttest.Requests(t, op, 7, enough)
	if len(first) != enough {
		t.Errorf("got %d requests, want %d", len(first), enough)
	}
	for i := range first {
		first[i].Operation, second[i].Operation = contracttest.Operation{}, contracttest.Operation{}
	}
	if !reflect.DeepEqual(first, second) {
		t.Error("the requests differ")
	}
	other := contracttest.Requests(t, op, 8, 1)[0]
	if reflect.DeepEqual(first[0].Body, other.Body) {
		t.Error("another seed draws the same request")
	}
}

func TestRequestsStandOnBothSidesOfTheContract(t *testing.T) {
	t.Parallel()
	for _, op := range contracttest.Operations(t) {
		kept, broken := 0, 0
		for _, request := range contracttest.Requests(t, op, 1, enough) {
			if request.Refusals == nil {
				kept++
			} else {
				broken++
			}
		}
		if kept < enough/50 || broken < enough/3 {
			t.Errorf("%s: %d keep the contract and %d break it", op, kept, broken)
		}
	}
}

func TestNewOperationsAreCovered(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/library.yaml")
	must(t, err)
	grown := strings.Replace(string(text), "  /books/latest:", `  /shelves/{number}:
    get:
      operationId: getShelf
      security: []
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 9}}
      responses: {default: {$ref: "#/components/responses/Problem"}}
  /books/latest:`, 1)
	c, err := contracttest.Parse([]byte(grown))
	must(t, err)
	targets := map[string]bool{}
	for _, request := range contracttest.Requests(t, operation(t, c.Operations(), "getShelf"), 1, enough) {
		targets[request.Target] = request.Refusals == nil
	}
	for target, kept := range map[string]bool{"/shelves/1": true, "/shelves/9": true, "/shelves/0": false, "/shelves/10": false} {
		if got, sent := targets[target]; !sent || got != kept {
			t.Errorf("%s: sent %v, keeps the contract %v", target, sent, got)
		}
	}
}
