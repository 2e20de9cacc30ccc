package contracttest_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/contracttest"
)

func TestShopKeepsHouseRules(t *testing.T) {
	t.Parallel()
	parse(t, read(t, shopFile)).CheckRules(t)
}

// TestCheckRulesReportsEachBreach breaks each rule once in a copy of a contract, at the first place
// where it applies.
func TestCheckRulesReportsEachBreach(t *testing.T) {
	t.Parallel()
	shop, no := read(t, shopFile), false
	tests := map[string]struct {
		change func(*openapi3.T)
		want   string
	}{
		"no operationId": {onOperation(func(op *openapi3.Operation) { op.OperationID = "" }), "operationId is not"},
		"an operationId with an initialism": {
			onOperation(func(op *openapi3.Operation) { op.OperationID = "getJSONFeed" }), "operationId is not",
		},
		"a malformed operationId": {
			onOperation(func(op *openapi3.Operation) { op.OperationID = "Get_users" }),
			"operationId is not",
		},
		"no tag": {
			onOperation(func(op *openapi3.Operation) { op.Tags = nil }),
			"must be exactly one tag",
		},
		"two tags": {
			onOperation(func(op *openapi3.Operation) { op.Tags = append(op.Tags, "carts") }),
			"must be exactly one tag",
		},
		"an unknown tag": {
			onOperation(func(op *openapi3.Operation) { op.Tags = []string{"misc"} }),
			"must be exactly one tag",
		},
		"no summary": {
			onOperation(func(op *openapi3.Operation) { op.Summary = "" }),
			"summary or description",
		},
		"no description": {
			onOperation(func(op *openapi3.Operation) { op.Description = "" }),
			"summary or description",
		},
		"no security": {
			onOperation(func(op *openapi3.Operation) { op.Security = nil }),
			"security is missing",
		},
		"public with a role": {
			onOperation(func(op *openapi3.Operation) { op.Security = &openapi3.SecurityRequirements{} }),
			"x-required-role without security",
		},
		"no 401": {
			onOperation(func(op *openapi3.Operation) { op.Responses.Delete("401") }),
			"secured without a 401",
		},
		"no 403": {
			onOperation(func(op *openapi3.Operation) { op.Responses.Delete("403") }),
			"without a 403",
		},
		"no 422": {
			onOperation(func(op *openapi3.Operation) { op.Responses.Delete("422") }),
			"the response 422 is missing",
		},
		"no default": {
			onOperation(func(op *openapi3.Operation) { op.Responses.Delete("default") }),
			"the response default is missing",
		},
		"a range": {
			onOperation(func(op *openapi3.Operation) { op.Responses.Set("4XX", op.Responses.Value("422")) }),
			"ranges of statuses are not supported",
		},
		"no parameter example": {onParameter(func(p *openapi3.Parameter) { p.Example = nil }), "has no example"},
		"a wrong parameter example": {
			onParameter(func(p *openapi3.Parameter) { p.Example = 42.0 }), "value must be a string",
		},
		"an open request": {onSchema("ImageUpload", func(s *openapi3.Schema) {
			s.AdditionalProperties = openapi3.AdditionalProperties{}
		}), `the request schema is open at ""`},
		"a map of anything": {onSchema("ImageUpload", func(s *openapi3.Schema) {
			yes := true
			s.AdditionalProperties = openapi3.AdditionalProperties{Has: &yes}
		}), `the request schema is open at ""`},
		"a form without a limit": {onOperationWithBody(func(op *openapi3.Operation) {
			op.RequestBody.Value.Content = openapi3.Content{
				"multipart/form-data": op.RequestBody.Value.Content["application/json"],
			}
		}), "not application/json, so it needs x-max-bytes"},
		"a closed response": {onSchema("Money", func(s *openapi3.Schema) {
			s.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}), "the schema is closed to consumers"},
		"a wrong schema example": {onSchema("State", func(s *openapi3.Schema) { s.Example = "42" }), "/example: "},
		"a code without a row": {
			onSchema("ProblemCode", func(s *openapi3.Schema) { s.Enum = append(s.Enum, "new") }),
			"code new is in the schema of problems, but not in the table",
		},
		"a row without a code": {
			onSchema("ProblemCode", func(s *openapi3.Schema) { s.Enum = s.Enum[1:] }),
			"is in the table of codes, but not in the schema of problems",
		},
		"no request example": {
			onRequest(func(m *openapi3.MediaType) { m.Examples = nil }),
			"the request has no examples",
		},
		"a wrong request example": {
			onRequest(func(m *openapi3.MediaType) { m.Examples["one"].Value.Value = 1.0 }),
			"example one: value must be an object",
		},
		"no response example": {
			onResponse("422", func(_ *openapi3.Response, m *openapi3.MediaType) { m.Examples = nil }),
			"422: there are no examples",
		},
		"a wrong response example": {
			onResponse(
				"200",
				func(_ *openapi3.Response, m *openapi3.MediaType) { first(m.Examples)["undeclared"] = 1 },
			),
			"member /undeclared is not in the contract",
		},
		"an example of another status": {
			onResponse(
				"401",
				func(_ *openapi3.Response, m *openapi3.MediaType) { first(m.Examples)["status"] = 403.0 },
			),
			"member status is 403",
		},
		"an example of no default status": {
			onResponse(
				"default",
				func(_ *openapi3.Response, m *openapi3.MediaType) { first(m.Examples)["status"] = 404.0 },
			),
			"default does not document 404",
		},
		"an error in plain JSON": {onResponse("422", func(r *openapi3.Response, m *openapi3.MediaType) {
			r.Content = openapi3.Content{"application/json": m}
		}), "422: an error is not application/problem+json"},
		"no X-Request-ID": {onResponse("200", func(r *openapi3.Response, _ *openapi3.MediaType) {
			delete(r.Headers, "X-Request-ID")
		}), "200: header X-Request-ID is not required"},
		"no WWW-Authenticate": {onResponse("401", func(r *openapi3.Response, _ *openapi3.MediaType) {
			delete(r.Headers, "WWW-Authenticate")
		}), "401: header WWW-Authenticate is not required"},
		"no Retry-After": {onResponse("default", func(r *openapi3.Response, _ *openapi3.MediaType) {
			delete(r.Headers, "Retry-After")
		}), "default: header Retry-After is missing"},
		"a wrong header example": {onResponse("401", func(r *openapi3.Response, _ *openapi3.MediaType) {
			r.Headers["WWW-Authenticate"].Value.Example = 1.0
		}), "401: header WWW-Authenticate: value must be a string"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := openapi3.NewLoader().LoadFromData([]byte(shop))
			must(t, err)
			test.change(doc)
			c, err := contracttest.NewContract(doc, options)
			must(t, err)
			if found := c.Breaches(); !strings.Contains(strings.Join(found, "\n"), test.want) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}

// inOrder returns the operations of a document in a fixed order.
func inOrder(doc *openapi3.T) []*openapi3.Operation {
	var all []*openapi3.Operation
	for _, path := range doc.Paths.InMatchingOrder() {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			all = append(all, operations[method])
		}
	}
	return all
}

// onOperation changes the first operation of the role admin.
func onOperation(change func(*openapi3.Operation)) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		all := inOrder(doc)
		change(
			all[slices.IndexFunc(all, func(op *openapi3.Operation) bool { return op.Extensions["x-required-role"] == "admin" })],
		)
	}
}

// onOperationWithBody changes the first operation with a body.
func onOperationWithBody(change func(*openapi3.Operation)) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		all := inOrder(doc)
		change(all[slices.IndexFunc(all, func(op *openapi3.Operation) bool { return op.RequestBody != nil })])
	}
}

// onParameter changes the first parameter of a path.
func onParameter(change func(*openapi3.Parameter)) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		all := inOrder(doc)
		inPath := func(p *openapi3.ParameterRef) bool { return p.Value.In == openapi3.ParameterInPath }
		op := all[slices.IndexFunc(all, func(op *openapi3.Operation) bool { return slices.ContainsFunc(op.Parameters, inPath) })]
		change(op.Parameters[slices.IndexFunc(op.Parameters, inPath)].Value)
	}
}

// onRequest changes the first body of a request.
func onRequest(change func(*openapi3.MediaType)) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		all := inOrder(doc)
		op := all[slices.IndexFunc(all, func(op *openapi3.Operation) bool { return op.RequestBody != nil })]
		change(op.RequestBody.Value.Content["application/json"])
	}
}

// onResponse changes the first response of a status, and its body.
func onResponse(status string, change func(*openapi3.Response, *openapi3.MediaType)) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		all := inOrder(doc)
		op := all[slices.IndexFunc(all, func(op *openapi3.Operation) bool { return op.Responses.Value(status) != nil })]
		response := op.Responses.Value(status).Value
		for _, media := range response.Content {
			change(response, media)
		}
	}
}

func onSchema(name string, change func(*openapi3.Schema)) func(*openapi3.T) {
	return func(doc *openapi3.T) { change(doc.Components.Schemas[name].Value) }
}

// first returns the value of the first example, which is an object.
func first(examples openapi3.Examples) map[string]any {
	name := slices.Sorted(maps.Keys(examples))[0]
	value, _ := examples[name].Value.Value.(map[string]any)
	return value
}

func TestParseRejectsInvalidContracts(t *testing.T) {
	t.Parallel()
	text := read(t, libraryFile)
	row := regexp.MustCompile("(?m)^ *\\| `forbidden`.*\n").FindString(text)
	tests := map[string]struct{ old, replacement, want string }{
		"a code twice":              {row, row + row, "the table of codes has forbidden twice"},
		"invalid YAML":              {"paths:", "paths: [", "loading"},
		"invalid OpenAPI":           {"title: Library", "titel: Library", "validating"},
		"no response named Problem": {"responses/Problem", "responses/Problems", "loading"},
		"no component of that name": {"Problem", "Trouble", "a response component named Problem"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.ReplaceAll(text, test.old, test.replacement)
			if _, err := contracttest.Parse([]byte(changed), options); err == nil ||
				!strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
