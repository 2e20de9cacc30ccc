package api_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/contracttest"
)

// TestContractKeepsHouseRules needs no handlers, so it can guide a change of the contract.
func TestContractKeepsHouseRules(t *testing.T) {
	t.Parallel()
	contracttest.MustParse(apicontract.OpenAPI, contracttest.Options{Roles: apicontract.Roles()}).CheckRules(t)
}

// Generators copy info.description into every file.
func TestIntroductionIsShort(t *testing.T) {
	t.Parallel()
	doc := load(t, apicontract.OpenAPI)
	if n := utf8.RuneCountInString(doc.Info.Description); n >= 1500 {
		t.Errorf("info.description has %d characters, want less than 1500: move text into the tag guide", n)
	}
}

// Generated clients document members by their descriptions, and choose the types of integers by their
// formats.
func TestSchemasDescribePropertiesAndSizeIntegers(t *testing.T) {
	t.Parallel()
	doc := load(t, apicontract.OpenAPI)
	schemas := map[string]*openapi3.SchemaRef{}
	for name, schema := range doc.Components.Schemas {
		schemas["schema "+name] = schema
	}
	for name, header := range doc.Components.Headers {
		schemas["header "+name] = header.Value.Schema
	}
	for name, parameter := range doc.Components.Parameters {
		schemas["parameter "+name] = parameter.Value.Schema
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		for _, breach := range styleBreaches(schemas[name]) {
			t.Errorf("%s%s", name, breach)
		}
	}
}

func styleBreaches(schema *openapi3.SchemaRef) []string {
	var found []string
	_ = schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
		if ref.Value.Type.Is(openapi3.TypeInteger) && ref.Value.Format == "" {
			found = append(found, at+": an integer without a format")
		}
		for name, property := range ref.Value.Properties {
			if property.Ref == "" && property.Value.Description == "" {
				found = append(found, fmt.Sprintf("%s: property %s has no description", at, name))
			}
		}
		return nil
	})
	return found
}

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
