package contracttest_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTransportReportsEachViolation(t *testing.T) {
	t.Parallel()
	asProblem := map[string]string{"Content-Type": problem}
	notFound := func(body string) answer {
		return answer{status: http.StatusNotFound, header: asProblem, body: body}
	}
	unprocessable := func(body string) answer {
		return answer{status: http.StatusUnprocessableEntity, header: asProblem, body: body}
	}
	created := func(header map[string]string) answer {
		return answer{method: http.MethodPost, path: "/books", status: http.StatusCreated, header: header, body: book}
	}
	leaving := func(name, value string) answer {
		header := map[string]string{"Deprecation": "@1767225600", "Sunset": "Wed, 01 Jul 2026 00:00:00 GMT"}
		header[name] = value
		return answer{path: "/books", header: header, body: noBooks}
	}
	body := func(old, replacement string) answer { return answer{body: with(book, old, replacement)} }
	tests := map[string]struct {
		answer answer
		want   string
	}{
		// Statuses.
		"an undocumented status": {
			answer{status: http.StatusAccepted, body: book},
			"the status is not documented (only 200, 404, 422, default)",
		},
		"default used for a 404": {
			answer{path: "/books/latest", status: http.StatusNotFound, header: asProblem, body: missing},
			"the status is not documented",
		},
		"default used for a 429": {
			answer{status: http.StatusTooManyRequests, header: asProblem, body: missing},
			"the status is not documented",
		},
		"an undocumented status on HEAD": {
			answer{method: http.MethodHead, status: http.StatusAccepted},
			"the status is not documented",
		},

		// Headers.
		"a missing header": {
			answer{header: map[string]string{"X-Request-ID": ""}, body: book},
			"header X-Request-ID is missing",
		},
		"a missing header on HEAD": {
			answer{method: http.MethodHead, header: map[string]string{"X-Request-ID": ""}},
			"header X-Request-ID is missing",
		},
		"a header that violates its pattern": {
			answer{header: map[string]string{"X-Request-ID": "No!"}, body: book},
			"header X-Request-ID: string doesn't match",
		},
		"a header twice": {
			answer{twice: "X-Request-ID", body: book},
			"header X-Request-ID came 2 times",
		},
		"an undocumented header": {
			answer{header: map[string]string{"Etag": "x"}, body: book},
			"header Etag is not in the contract",
		},
		"a cookie": {
			answer{header: map[string]string{"Set-Cookie": "a=b"}, body: book},
			"header Set-Cookie is not in the contract",
		},
		"a header of the wrong type": {
			created(map[string]string{"Location": "/books/ABCD", "X-Count": "many"}),
			"header X-Count: value must be an integer",
		},
		"a header out of bounds": {
			created(map[string]string{"Location": "/books/ABCD", "X-Count": "-1"}),
			"header X-Count: number must be at least 0",
		},
		"a header of the wrong format": {
			created(map[string]string{"Location": "/a b"}),
			`header Location: string doesn't match the format "uri-reference"`,
		},
		"a date of another form": {
			leaving("Deprecation", "true"),
			`header Deprecation is ["true"], the contract's dates make it "@1767225600"`,
		},
		"another date": {
			leaving("Sunset", "Thu, 02 Jul 2026 00:00:00 GMT"),
			`the contract's dates make it "Wed, 01 Jul 2026 00:00:00 GMT"`,
		},
		"no date": {leaving("Sunset", ""), "header Sunset is []"},
		"a Sunset without deprecation": {
			answer{header: map[string]string{"Sunset": "Wed, 01 Jul 2026 00:00:00 GMT"}, body: book},
			"header Sunset is not in the contract",
		},

		// Content types.
		"another content type": {
			answer{header: map[string]string{"Content-Type": "text/html"}, body: book},
			`content type "text/html" is not documented (only application/json)`,
		},
		"a content type with a parameter": {
			answer{header: map[string]string{"Content-Type": "application/json; charset=UTF-8"}, body: book},
			"is not documented",
		},
		"two content types": {
			answer{twice: "Content-Type", body: book},
			`"application/json, application/json" is not documented`,
		},
		"a problem as plain JSON": {
			answer{status: http.StatusNotFound, body: missing},
			`"application/json" is not documented`,
		},
		"a content type with no body": {
			answer{method: http.MethodDelete, status: http.StatusNoContent},
			"the contract has no body here",
		},
		"no content type for the HEAD": {
			answer{method: http.MethodHead, header: map[string]string{"Content-Type": ""}},
			`content type "" is not documented`,
		},

		// Bodies.
		"no body":                                {answer{}, "not a JSON text"},
		"broken JSON":                            {body("}", ""), "not a JSON text"},
		"text after the body":                    {answer{body: book + "x"}, "not a JSON text"},
		"a member twice":                         {body("{", `{"title":"A",`), "duplicate object member name"},
		"invalid UTF-8":                          {body("SICP", "\xff"), "invalid UTF-8"},
		"another type":                           {answer{body: "[]"}, "value must be an object"},
		"a missing member":                       {body(`"title":"SICP",`, ""), `property "title" is missing`},
		"null for a member that is not nullable": {body(`"SICP"`, "null"), "Value is not nullable"},
		"text that is too short":                 {body("SICP", ""), "minimum string length is 1"},
		"an invalid time":                        {body("01-02", "13-02"), `the format "date-time"`},
		"a time that is not in UTC":              {body("05Z", "05+01:00"), "not in UTC"},
		"an invalid e-mail": {
			body("{", `{"contact":"Ada <a@example.com>",`),
			`the format "email"`,
		},
		"an invalid UUID":        {body("{", `{"ref":"1.5",`), `the format "uuid"`},
		"an integer beyond 2^53": {body("{", `{"copies":9007199254740993,`), `the format "int64"`},
		"an undocumented member": {body("{", `{"isbn":"1",`), "member /isbn is not in the contract"},
		"an undocumented member in a list": {
			body("{", `{"parts":[{"title":"A"},{"title":"B","a/b":1}],`),
			"member /parts/1/a~1b is not in the contract",
		},
		"a member of another alternative": {
			body("{", `{"copy":{"shelf":"A","pages":1},`),
			"member /copy/pages is not in the contract",
		},
		"a member of no alternative": {
			body("{", `{"copy":{"shelf":"A","url":1},`),
			"member /copy/url is not in the contract",
		},
		"a map with values of another type": {body("{", `{"labels":{"a":1},`), "value must be a string"},

		// Problem documents.
		"another status inside":     {notFound(with(missing, "404", "410")), "member status is 410"},
		"another request id inside": {notFound(with(missing, "r1", "r2")), `request_id is r2, X-Request-ID is "r1"`},
		"another path inside": {
			notFound(with(missing, "/books/ABCD", "/books/EFGH")),
			"instance is /books/EFGH",
		},
		"a code that is not listed": {
			notFound(with(missing, "book_not_found", "gone")),
			`code "gone" is not in the table of codes`,
		},
		"a code of another status": {
			notFound(with(missing, "book_not_found", "forbidden")),
			"code forbidden has status 403",
		},
		"a type of another code": {
			notFound(with(missing, "type:book_not_found", "type:forbidden")),
			"type is urn:problem-type:forbidden",
		},
		"the router's code": {
			notFound(with(missing, "book_not_found", "route_not_found")),
			"the code is route_not_found, but the operation exists",
		},
		"the router's other code": {
			notFound(with(missing, "book_not_found", "method_not_allowed")),
			"the code is method_not_allowed, but the operation exists",
		},
		"errors with another code": {
			notFound(with(missing, `,"code"`, `,"errors":[{"pointer":"","code":"required","detail":"D"}],"code"`)),
			"errors must come with validation_failed",
		},
		"validation without errors": {
			unprocessable(with(missing, "book_not_found", "validation_failed", "404", "422")),
			"errors must come with validation_failed",
		},
		"a field code not listed": {
			unprocessable(with(invalid, "too_long", "odd")),
			`/errors/0: code "odd" is not in the table of field codes`,
		},
		"a field without a location": {
			unprocessable(with(invalid, `"in":"path","name":"id",`, "")),
			"/errors/0: the location is either pointer, or in and name",
		},
		"a field with name only": {
			unprocessable(with(invalid, `"in":"path",`, "")),
			"/errors/0: the location is either pointer, or in and name",
		},
		"a field with in only": {
			unprocessable(with(invalid, `,"name":"id"`, "")),
			"/errors/0: the location is either pointer, or in and name",
		},
		"a field with two locations": {
			unprocessable(with(invalid, `"in"`, `"pointer":"","in"`)),
			"/errors/0: the location is either pointer, or in and name",
		},
		"an invalid pointer": {
			unprocessable(with(invalid, `"in":"path","name":"id"`, `"pointer":"email"`)),
			`/errors/0: "email" is not a JSON pointer`,
		},
		"an undocumented problem part": {
			notFound(with(missing, "{", `{"stack":"x",`)),
			"member /stack is not in the contract",
		},

		// Requests without an operation.
		"an undocumented operation": {
			answer{path: "/shelves", body: "{}"},
			"the contract has no such operation",
		},
		"an undocumented method": {
			answer{method: http.MethodPut, body: "{}"},
			"the contract has no such operation",
		},
		"an empty path parameter": {
			answer{path: "/books/", body: book},
			"the contract has no such operation",
		},
		"a 404 without a problem": {
			answer{path: "/shelves", status: http.StatusNotFound, body: `{"message":"Not Found"}`},
			`content type "application/json" is not documented`,
		},
		"a 404 of another code": {
			answer{
				path:   "/shelves",
				status: http.StatusNotFound,
				header: asProblem,
				body:   with(missing, "/books/ABCD", "/shelves"),
			},
			"so the code must be route_not_found",
		},
		"a 403 for an unknown path": {
			answer{
				path:   "/shelves",
				status: http.StatusForbidden,
				header: asProblem,
				body:   with(noRoute, "route_not_found", "forbidden", "404", "403"),
			},
			"so the status must be 404",
		},
		"a 405 for an unknown path": {
			answer{
				path:   "/shelves",
				status: http.StatusMethodNotAllowed,
				header: asProblem,
				body:   with(noMethod, "/books/ABCD", "/shelves"),
			},
			"so the status must be 404",
		},
		"a 404 for an unknown method": {
			answer{
				method: http.MethodPut,
				status: http.StatusNotFound,
				header: asProblem,
				body:   with(noRoute, "/shelves", "/books/ABCD"),
			},
			"so the status must be 405",
		},
		"a 405 without Allow": {
			answer{method: http.MethodPut, status: http.StatusMethodNotAllowed, header: asProblem, body: noMethod},
			`Allow is "", the contract has DELETE, GET, HEAD`,
		},
		"a 405 with a wrong Allow": {
			answer{
				method: http.MethodPut,
				status: http.StatusMethodNotAllowed,
				header: map[string]string{"Content-Type": problem, "Allow": "GET, PUT"},
				body:   noMethod,
			},
			`Allow is "GET, PUT"`,
		},
		"docs without a request id": {
			answer{path: "/docs", header: map[string]string{"X-Request-ID": ""}, body: "x"},
			"header X-Request-ID is missing",
		},
		"an error of the docs without a problem": {
			answer{path: "/docs", status: http.StatusInternalServerError, body: "oops"},
			"is not documented",
		},
		"a path beside the docs": {
			answer{path: "/docs.zip", body: "x"},
			"the contract has no such operation",
		},
		"an undocumented header on 404": {
			answer{
				path:   "/shelves",
				status: http.StatusNotFound,
				header: map[string]string{"Content-Type": problem, "Server": "x"},
				body:   noRoute,
			},
			"header Server is not in the contract",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if heard := ask(t, library(t), test.answer); !strings.Contains(heard, test.want) {
				t.Errorf("heard %q, want %q", heard, test.want)
			}
		})
	}
}

func TestTransportNamesOperationStatusAndBody(t *testing.T) {
	t.Parallel()
	heard := ask(t, library(t), answer{status: http.StatusAccepted, body: book})
	for _, want := range []string{"GET /books/ABCD (getBook)", "answered 202", `\"SICP\"`} {
		if !strings.Contains(heard, want) {
			t.Errorf("heard %q, want %q in it", heard, want)
		}
	}
}
