package apispec_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oasdiff/yaml"

	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/contracttest"
)

// TestPublishedContractIsOpenInResponsesOnly compares published contracts with the written ones.
func TestPublishedContractIsOpenInResponsesOnly(t *testing.T) {
	t.Parallel()
	for name, text := range map[string][]byte{"shapes": shapes(t), "shop": shopContract(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, err := apispec.OpenResponses(text)
			if err != nil {
				t.Fatal(err)
			}
			before, after := decodedContract{parse(t, text)}, decodedContract{parse(t, opened)}
			if diff := cmp.Diff(before.requests(), after.requests()); diff != "" {
				t.Errorf("requests differ (-written +published):\n%s", diff)
			}
			if diff := cmp.Diff(openedByHand(before.responses()), after.responses()); diff != "" {
				t.Errorf("responses differ (-opened by hand +published):\n%s", diff)
			}
		})
	}
}

func shopContract(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../internal/shop/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decodedContract is a contract as decoded JSON.
type decodedContract struct{ root map[string]any }

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(converted, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// object returns a value that is an object, or nil.
func object(value any) map[string]any {
	members, _ := value.(map[string]any)
	return members
}

func (c decodedContract) at(path ...string) map[string]any {
	node := c.root
	for _, name := range path {
		node = object(node[name])
	}
	return node
}

// requests returns the parameters and bodies of all operations, without references.
func (c decodedContract) requests() map[string]any {
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

func (c decodedContract) responses() map[string]any {
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

// resolve replaces references by their targets, except in recursive schemas.
func (c decodedContract) resolve(node any, depth int) any {
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

// openedByHand opens all enums, because no member or example of these contracts is called enum.
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

func TestPublishedServerIsRelative(t *testing.T) {
	t.Parallel()
	text, err := apispec.Publish([]byte("openapi: 3.0.3\nservers: [{url: /}]\npaths: {}\n"), clients)
	if err != nil {
		t.Fatal(err)
	}
	for document, want := range map[string]string{
		"https://example.com/api/openapi.json":        "https://example.com/",
		"https://example.com/orders/api/openapi.json": "https://example.com/orders/",
	} {
		base, err := url.Parse(document)
		if err != nil {
			t.Fatal(err)
		}
		servers, _ := parse(t, text)["servers"].([]any)
		address, _ := object(servers[0])["url"].(string)
		server, err := base.Parse(address)
		if err != nil || server.String() != want {
			t.Errorf("the server of %s is %v, %v, want %s", document, server, err, want)
		}
	}
}

func TestPublishedTextsExcludeRejectedCharacters(t *testing.T) {
	t.Parallel()
	for _, contract := range [][]byte{shapes(t), shopContract(t)} {
		text, err := apispec.Publish(contract, clients)
		if err != nil {
			t.Fatal(err)
		}
		contracttest.CheckPublished(t, text)
	}
}
