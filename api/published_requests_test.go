package api_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
)

func TestPublishedServerWorksBelowAPrefix(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"https://example.com/api/openapi.json":        "https://example.com/",
		"https://example.com/orders/api/openapi.json": "https://example.com/orders/",
	} {
		base, err := url.Parse(document)
		if err != nil {
			t.Fatal(err)
		}
		server, err := base.Parse(publishedContract(t).Servers[0].URL)
		if err != nil || server.String() != want {
			t.Errorf("the server of %s is %v, %v, want %s", document, server, err, want)
		}
	}
}

// The service rejects control characters in every text of a request, so the published patterns
// exclude them, for generators and fuzzers. A hand-written pattern must exclude them itself.
func TestPublishedRequestTextsExcludeControlCharacters(t *testing.T) {
	t.Parallel()
	texts := 0
	for name, schema := range requestSchemas(publishedContract(t)) {
		_ = schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
			if !ref.Value.Type.Is(openapi3.TypeString) || len(ref.Value.Enum) > 0 || ref.Value.Pattern == "" {
				return nil
			}
			texts++
			pattern := regexp.MustCompile(ref.Value.Pattern)
			isMultiline, _ := ref.Value.Extensions["x-multiline"].(bool)
			for r := range rune(0x100) {
				isRefused := unicode.IsControl(r) && (!isMultiline || r != '\n' && r != '\t')
				if isRefused && slices.ContainsFunc(around(ref.Value, r), pattern.MatchString) {
					t.Errorf("%s%s: the pattern %s accepts %U", name, at, ref.Value.Pattern, r)
					return nil
				}
			}
			return nil
		})
	}
	if texts < 10 {
		t.Errorf("found only %d texts", texts)
	}
}

// A text without a pattern needs a format or an enum, which exclude control characters.
func TestPublishedRequestTextsHaveAPattern(t *testing.T) {
	t.Parallel()
	for name, schema := range requestSchemas(publishedContract(t)) {
		_ = schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
			isFree := ref.Value.Format == "" || ref.Value.Format == "password"
			if ref.Value.Type.Is(openapi3.TypeString) && isFree && len(ref.Value.Enum) == 0 && ref.Value.Pattern == "" {
				t.Errorf("%s%s: a text needs a pattern, a format or an enum", name, at)
			}
			return nil
		})
	}
}

// around returns texts with r that a pattern accepts unless it excludes r.
func around(schema *openapi3.Schema, r rune) []string {
	example, _ := schema.Example.(string)
	return []string{string(r), "a" + string(r), "a" + string(r) + "b", string(r) + example, example[:len(example)/2] + string(r) + example[len(example)/2:], example + string(r)}
}

// requestSchemas returns the schemas of all parameters and request bodies by operation.
func requestSchemas(doc *openapi3.T) map[string]*openapi3.SchemaRef {
	found := map[string]*openapi3.SchemaRef{}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			for _, parameter := range slices.Concat(item.Parameters, op.Parameters) {
				found[strings.Join([]string{method, path, parameter.Value.Name}, " ")] = parameter.Value.Schema
			}
			if op.RequestBody == nil {
				continue
			}
			for mediaType, media := range op.RequestBody.Value.Content {
				found[strings.Join([]string{method, path, mediaType}, " ")] = media.Schema
			}
		}
	}
	return found
}

func publishedContract(t *testing.T) *openapi3.T {
	t.Helper()
	text, err := api.Published()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
