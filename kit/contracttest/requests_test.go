package contracttest_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

// enough is more requests than one round of any operation here.
const enough = 400

// draw returns requests to all operations of a contract.
func draw(t *testing.T, c *contracttest.Contract) []contracttest.Request {
	t.Helper()
	var all []contracttest.Request
	for _, op := range c.Operations() {
		all = append(all, contracttest.Requests(t, op, 1, enough)...)
	}
	return all
}

// try sends requests to a reference service until Send reports an error, and returns the error.
func try(t *testing.T, service reference, requests []contracttest.Request) string {
	t.Helper()
	heard := &listener{TB: t}
	client := &http.Client{Transport: direct{service}}
	for _, request := range requests {
		roles := []string{"", "user", "admin"}
		if request.Operation.Role == "" {
			roles = roles[:1]
		}
		for _, role := range roles {
			request.Send(heard, client, "http://service.test", &contracttest.Caller{Role: role, Token: role})
		}
		if heard.text() != "" {
			break
		}
	}
	return heard.text()
}

// direct is a transport that calls a handler without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, req)
	return answer.Result(), nil
}

func TestRequestsAgreeWithAnotherValidator(t *testing.T) {
	t.Parallel()
	c := library(t)
	if heard := try(t, reference{contract: c}, draw(t, c)); heard != "" {
		t.Error(heard)
	}
}

func TestRequestsFindEachMissingGuard(t *testing.T) {
	t.Parallel()
	c := library(t)
	requests := draw(t, c)
	for _, lacks := range guards {
		t.Run(string(lacks), func(t *testing.T) {
			t.Parallel()
			if try(t, reference{contract: c, lacks: lacks}, requests) == "" {
				t.Errorf("a service without %s goes undetected", lacks)
			}
		})
	}
}

func TestRequestsAreReproducible(t *testing.T) {
	t.Parallel()
	op := operation(t, library(t), "createBook")
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

func TestValidRequestIsValid(t *testing.T) {
	t.Parallel()
	for _, op := range library(t).Operations() {
		if r := contracttest.Valid(t, op); r.Refusals != nil || r.Chunked || r.Target == "" {
			t.Errorf("%s: got %+v", op, r)
		}
	}
}

func TestRequestsAreValidAndInvalid(t *testing.T) {
	t.Parallel()
	for _, op := range slices.Concat(library(t).Operations(), parse(t, read(t, shopFile)).Operations()) {
		kept, broken := 0, 0
		for _, request := range contracttest.Requests(t, op, 1, enough) {
			if request.Refusals == nil {
				kept++
			} else {
				broken++
			}
		}
		if kept < enough/50 || broken < enough/3 {
			t.Errorf("%s: %d requests are valid and %d invalid", op, kept, broken)
		}
	}
}

func TestRequestsToAddedOperation(t *testing.T) {
	t.Parallel()
	grown := strings.Replace(read(t, libraryFile), "  /books/latest:", `  /shelves/{number}:
    get:
      operationId: getShelf
      security: []
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 9}}
      responses: {default: {$ref: "#/components/responses/Problem"}}
  /books/latest:`, 1)
	c := parse(t, grown)
	targets := map[string]bool{}
	for _, request := range contracttest.Requests(t, operation(t, c, "getShelf"), 1, enough) {
		targets[request.Target] = request.Refusals == nil
	}
	for target, kept := range map[string]bool{"/shelves/1": true, "/shelves/9": true, "/shelves/0": false, "/shelves/10": false} {
		if got, sent := targets[target]; !sent || got != kept {
			t.Errorf("%s: sent %v, valid %v", target, sent, got)
		}
	}
}
