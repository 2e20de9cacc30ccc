package apispec_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oasdiff/yaml"

	"example.com/plinth/api"
)

// written is a contract with everything that differs between requests and answers once it is published.
const written = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    parameters:
      - {name: state, in: query, schema: {$ref: '#/components/schemas/State'}}
    put:
      operationId: putOrder
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [asc, desc]}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses:
        "200":
          description: Done.
          headers:
            X-Color: {schema: {type: string, enum: &colors [red, green]}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        default: {$ref: '#/components/responses/Refused'}
components:
  responses:
    Refused:
      description: Refused.
      content: {application/json: {schema: {type: object, additionalProperties: false, properties: {code: {type: string, enum: [a, b]}}}}}
  schemas:
    State: {type: string, enum: [open, paid]}
    Order:
      type: object
      additionalProperties: false
      example: {enum: [a, b], additionalProperties: false}
      properties:
        state: {$ref: '#/components/schemas/State'}
        payment: {$ref: '#/components/schemas/Payment'}
        note: {$ref: '#/components/schemas/Note'}
        enum: {type: string, enum: *colors}
    Payment:
      oneOf: [{$ref: '#/components/schemas/Cash'}]
      discriminator: {propertyName: kind, mapping: {cash: '#/components/schemas/Cash'}}
    Cash:
      type: object
      additionalProperties: {type: string}
      properties:
        kind: {type: string, enum: [cash]}
        currency: {type: string, nullable: true, enum: [EUR, USD, null]}
    Note: {type: string, nullable: true, enum: [gift, null]}
`

const published = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    parameters:
      - {name: state, in: query, schema: {$ref: '#/components/schemas/StateInput'}}
    put:
      operationId: putOrder
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [asc, desc]}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/OrderInput'}}}
      responses:
        "200":
          description: Done.
          headers:
            X-Color: {schema: {type: string, x-extensible-enum: [red, green]}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        default: {$ref: '#/components/responses/Refused'}
components:
  responses:
    Refused:
      description: Refused.
      content: {application/json: {schema: {type: object, properties: {code: {type: string, x-extensible-enum: [a, b]}}}}}
  schemas:
    State: {type: string, x-extensible-enum: [open, paid]}
    StateInput: {type: string, enum: [open, paid]}
    Order:
      type: object
      example: {enum: [a, b], additionalProperties: false}
      properties:
        state: {$ref: '#/components/schemas/State'}
        payment: {$ref: '#/components/schemas/Payment'}
        note: {$ref: '#/components/schemas/Note'}
        enum: {type: string, x-extensible-enum: [red, green]}
    OrderInput:
      type: object
      additionalProperties: false
      example: {enum: [a, b], additionalProperties: false}
      properties:
        state: {$ref: '#/components/schemas/StateInput'}
        payment: {$ref: '#/components/schemas/PaymentInput'}
        note: {$ref: '#/components/schemas/Note'}
        enum: {type: string, enum: [red, green]}
    Payment:
      oneOf: [{$ref: '#/components/schemas/Cash'}]
      discriminator: {propertyName: kind, mapping: {cash: '#/components/schemas/Cash'}}
    PaymentInput:
      oneOf: [{$ref: '#/components/schemas/CashInput'}]
      discriminator: {propertyName: kind, mapping: {cash: '#/components/schemas/CashInput'}}
    Cash:
      type: object
      additionalProperties: {type: string}
      properties:
        kind: {type: string, enum: [cash]}
        currency: {type: string, nullable: true, x-extensible-enum: [EUR, USD, null]}
    CashInput:
      type: object
      additionalProperties: {type: string}
      properties:
        kind: {type: string, enum: [cash]}
        currency: {type: string, nullable: true, enum: [EUR, USD, null]}
    Note: {type: string, nullable: true, enum: [gift, null]}
`

func TestOpenAnswers(t *testing.T) {
	t.Parallel()
	got, err := api.OpenAnswers([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(published, string(got)); diff != "" {
		t.Errorf("published otherwise (-want +got):\n%s", diff)
	}
	again, err := api.OpenAnswers(got)
	if err != nil || string(again) != published {
		t.Errorf("opening twice changes more (%v)", err)
	}
	taken := strings.Replace(written, "    Cash:\n", "    StateInput: {type: string}\n    Cash:\n", 1)
	if _, err := api.OpenAnswers([]byte(taken)); err == nil || !strings.Contains(err.Error(), "schema StateInput") {
		t.Errorf("a name that is taken: %v", err)
	}
}

// TestPublishedContractIsOpenInAnswersOnly compares published contracts with the written ones.
func TestPublishedContractIsOpenInAnswersOnly(t *testing.T) {
	t.Parallel()
	shop, err := os.ReadFile("../internal/shoptest/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"openapi.yaml": api.OpenAPI, "the shop": shop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, err := api.OpenAnswers(text)
			if err != nil {
				t.Fatal(err)
			}
			before, after := contract{parse(t, text)}, contract{parse(t, opened)}
			if diff := cmp.Diff(before.requests(), after.requests()); diff != "" {
				t.Errorf("requests differ (-written +published):\n%s", diff)
			}
			if diff := cmp.Diff(openedByHand(before.answers()), after.answers()); diff != "" {
				t.Errorf("answers differ (-opened by hand +published):\n%s", diff)
			}
		})
	}
}

func TestPublishedProblemCodesAreExtensible(t *testing.T) {
	t.Parallel()
	text, err := api.OpenAPIYAML()
	if err != nil {
		t.Fatal(err)
	}
	before, after := contract{parse(t, api.OpenAPI)}, contract{parse(t, text)}
	for _, name := range []string{"ProblemCode", "AuditEventType", "UserRole"} {
		was, is := before.at("components", "schemas", name), after.at("components", "schemas", name)
		if is["enum"] != nil || is["x-extensible-enum"] == nil || cmp.Diff(was["enum"], is["x-extensible-enum"]) != "" {
			t.Errorf("%s: enum %v, x-extensible-enum %v, want none and %v", name, is["enum"], is["x-extensible-enum"], was["enum"])
		}
	}
}

// contract is a contract as decoded JSON.
type contract struct{ root map[string]any }

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return object(decode(t, converted))
}

// object returns a value that is an object, or nil.
func object(value any) map[string]any {
	members, _ := value.(map[string]any)
	return members
}

func (c contract) at(path ...string) map[string]any {
	node := c.root
	for _, name := range path {
		node = object(node[name])
	}
	return node
}

// requests returns the parameters and bodies of all operations, without references.
func (c contract) requests() map[string]any {
	found := map[string]any{}
	for path, item := range c.at("paths") {
		for method, operation := range object(item) {
			found[path] = c.resolve(object(item)["parameters"], 0)
			if operation, ok := operation.(map[string]any); ok {
				found[method+path] = []any{c.resolve(operation["parameters"], 0), c.resolve(operation["requestBody"], 0)}
			}
		}
	}
	return found
}

func (c contract) answers() map[string]any {
	found := map[string]any{}
	for path, item := range c.at("paths") {
		for method, operation := range object(item) {
			if operation, ok := operation.(map[string]any); ok {
				found[method+path] = c.resolve(operation["responses"], 0)
			}
		}
	}
	return found
}

// resolve replaces references by what they name, so far as schemas do not contain themselves.
func (c contract) resolve(node any, depth int) any {
	switch node := node.(type) {
	case []any:
		items := make([]any, len(node))
		for i, item := range node {
			items[i] = c.resolve(item, depth+1)
		}
		return items
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok && depth < 30 {
			return c.resolve(c.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), depth+1)
		}
		members := map[string]any{}
		for name, member := range node {
			if name != "mapping" && name != "$ref" { // which name schemas; their names differ
				members[name] = c.resolve(member, depth+1)
			}
		}
		return members
	default:
		return node
	}
}

// openedByHand opens what no name hides: the contracts here have neither members nor examples that are called enum.
func openedByHand(node any) any {
	switch node := node.(type) {
	case []any:
		for i := range node {
			node[i] = openedByHand(node[i])
		}
	case map[string]any:
		if values, ok := node["enum"].([]any); ok && len(values) > 1 {
			node["x-extensible-enum"] = values
			delete(node, "enum")
		}
		if allowed, ok := node["additionalProperties"].(bool); ok && !allowed {
			delete(node, "additionalProperties")
		}
		for name := range node {
			node[name] = openedByHand(node[name])
		}
	}
	return node
}
