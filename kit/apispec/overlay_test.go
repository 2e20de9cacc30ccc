package apispec_test

import (
	"strings"
	"testing"

	"example.com/plinth/kit/apispec"
)

// patchOf is a contract with a PATCH of this schema.
func patchOf(schema string) []byte {
	return []byte("paths: {/notes: {patch: {operationId: updateNote, requestBody: {content: {application/json: {schema: " +
		schema + "}}}}}}\ncomponents: {schemas: {Note: {type: object, properties: {title: {type: string, nullable: true}}}}}\n")
}

// TestOverlayDerivesNullableMembers expects actions only for members that may be null and absent.
func TestOverlayDerivesNullableMembers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ schema, target string }{
		"a component":     {`{$ref: "#/components/schemas/Note"}`, "$.components.schemas.Note.properties.title"},
		"in the body":     {`{type: object, properties: {a: {type: integer, format: int64, nullable: true}}}`, `$.paths["/notes"].patch.requestBody.content["application/json"].schema.properties.a`},
		"in a part":       {`{allOf: [{$ref: "#/components/schemas/Note"}]}`, "$.components.schemas.Note.properties.title"},
		"in an object":    {`{type: object, properties: {note: {$ref: "#/components/schemas/Note"}}}`, "$.components.schemas.Note.properties.title"},
		"required":        {`{type: object, required: [a], properties: {a: {type: string, nullable: true}}}`, "$.info"},
		"that is no null": {`{type: object, properties: {a: {type: string}}}`, "$.info"},
	} {
		overlay, err := apispec.Overlay(patchOf(test.schema))
		if err != nil {
			t.Errorf("a member %s: %v", name, err)
			continue
		}
		if got := strings.Count(string(overlay), "target:"); got != 1 || !strings.Contains(string(overlay), "target: "+test.target+"\n") {
			t.Errorf("a member %s: want the target %s\n%s", name, test.target, overlay)
		}
	}
}

// TestOverlayRefusesTypesWithoutName expects an error where a pointer would read null as absent.
func TestOverlayRefusesTypesWithoutName(t *testing.T) {
	t.Parallel()
	schema := `{type: object, properties: {place: {type: object, nullable: true, properties: {city: {type: string}}}}}`
	_, err := apispec.Overlay(patchOf(schema))
	if err == nil || !strings.Contains(err.Error(), "properties.place may be null, and its type has no name") {
		t.Errorf("got %v", err)
	}
}

func TestOverlayRemovesHeaders(t *testing.T) {
	t.Parallel()
	overlay, err := apispec.Overlay(patchOf(`{$ref: "#/components/schemas/Note"}`), "X-Request-ID")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Note.properties.title\n", `$..headers["X-Request-ID"]` + "\n    remove: true"} {
		if !strings.Contains(string(overlay), want) {
			t.Errorf("the overlay lacks %q:\n%s", want, overlay)
		}
	}
}

func TestOverlayRemovesParameters(t *testing.T) {
	t.Parallel()
	const contract = `
paths: {/notes: {get: {parameters: [{name: q, in: query}, {$ref: "#/components/parameters/Mode"}]}}}
components: {parameters: {Mode: {name: X-Mode, in: header, schema: {type: string}}}}`
	overlay, err := apispec.Overlay([]byte(contract), "X-Mode")
	if err != nil {
		t.Fatal(err)
	}
	if want := `$.paths["/notes"].get.parameters[1]` + "\n    remove: true"; !strings.Contains(string(overlay), want) {
		t.Errorf("the overlay lacks %q:\n%s", want, overlay)
	}
}
