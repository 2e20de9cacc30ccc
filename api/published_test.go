package api_test

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/contracttest"
)

func TestPublishedTextsExcludeRejectedCharacters(t *testing.T) {
	t.Parallel()
	text, err := api.Published()
	if err != nil {
		t.Fatal(err)
	}
	contracttest.CheckPublished(t, text)
}

func TestPublishedEnumsAreExtensible(t *testing.T) {
	t.Parallel()
	text, err := api.Published()
	if err != nil {
		t.Fatal(err)
	}
	before, after := load(t, apicontract.OpenAPI), load(t, text)
	for _, name := range []string{
		"AuditEventType", // scaffold:only audit
		"ProblemCode", "UserRole",
	} {
		was, is := before.Components.Schemas[name].Value, after.Components.Schemas[name].Value
		values, _ := is.Extensions["x-extensible-enum"].([]any)
		if is.Enum != nil || len(values) == 0 || !slices.Equal(was.Enum, values) {
			t.Errorf("%s: enum %v, x-extensible-enum %v, want none and %v", name, is.Enum, values, was.Enum)
		}
	}
}

func load(t *testing.T, text []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
