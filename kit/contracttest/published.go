package contracttest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// CheckPublished checks the texts of the requests of a published contract. The service rejects
// control characters in texts, and invisible characters except in passwords, so each text needs a
// format, an enum or a pattern that excludes them, for generators and fuzzers. A hand-written
// pattern must exclude control characters itself.
func CheckPublished(tb testing.TB, published []byte) {
	tb.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(published)
	if err != nil {
		tb.Fatal(err)
	}
	patterns := 0
	for name, schema := range requestSchemas(doc) {
		_ = schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
			if !ref.Value.Type.Is(openapi3.TypeString) || len(ref.Value.Enum) > 0 {
				return nil
			}
			if ref.Value.Pattern != "" {
				patterns++
			}
			for _, breach := range textBreaches(ref.Value) {
				tb.Errorf("%s%s: %s", name, at, breach)
			}
			return nil
		})
	}
	if patterns == 0 {
		tb.Error("no text of a request has a pattern")
	}
}

// Invisible characters up to U+FFFF that published patterns exclude, and characters that they must
// not exclude.
const (
	excluded = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069" +
		"\u206f\u3164\ufeff\ufffb"
	included = "aäあ\u00a0\u0600\u200c\u200d\u2010\u2027\u202f\u2030\ufe0f\ufffd😀"
)

// textBreaches returns what is wrong with a text of a request.
func textBreaches(schema *openapi3.Schema) []string {
	isPassword := schema.Format == "password"
	if schema.Pattern == "" {
		if schema.Format == "" || isPassword {
			return []string{"a text needs a pattern, a format or an enum"}
		}
		return nil
	}
	pattern, err := regexp.Compile(schema.Pattern)
	if err != nil {
		return []string{err.Error()}
	}
	breaches := controlBreaches(schema, pattern)
	if !strings.Contains(schema.Pattern, `\x7f-\x9f`) {
		return breaches
	}
	for _, r := range excluded {
		if pattern.MatchString("a"+string(r)+"b") != isPassword {
			breaches = append(breaches, fmt.Sprintf("the pattern %+q matches %U: %v", schema.Pattern, r, !isPassword))
		}
	}
	if !pattern.MatchString("a b") { // a text in quotation marks, such as an entity tag
		return breaches
	}
	for _, r := range included {
		if !pattern.MatchString("a" + string(r) + "b") {
			breaches = append(breaches, fmt.Sprintf("the pattern %+q excludes %U", schema.Pattern, r))
		}
	}
	return breaches
}

func controlBreaches(schema *openapi3.Schema, pattern *regexp.Regexp) []string {
	isMultiline, _ := schema.Extensions["x-multiline"].(bool)
	for r := range rune(0x100) {
		isExcluded := unicode.IsControl(r) && (!isMultiline || r != '\n' && r != '\t')
		if isExcluded && slices.ContainsFunc(textsWith(schema, r), pattern.MatchString) {
			return []string{fmt.Sprintf("the pattern %s accepts %U", schema.Pattern, r)}
		}
	}
	return nil
}

// textsWith returns texts with r that a pattern accepts unless it excludes r.
func textsWith(schema *openapi3.Schema, r rune) []string {
	example, _ := schema.Example.(string)
	char, half := string(r), len(example)/2
	return []string{
		char, "a" + char, "a" + char + "b", char + example, example[:half] + char + example[half:], example + char,
	}
}

// requestSchemas returns the schemas of all parameters and request bodies by operation.
func requestSchemas(doc *openapi3.T) map[string]*openapi3.SchemaRef {
	found := map[string]*openapi3.SchemaRef{}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			for _, parameter := range slices.Concat(item.Parameters, op.Parameters) {
				if parameter.Value.Schema != nil {
					found[strings.Join([]string{method, path, parameter.Value.Name}, " ")] = parameter.Value.Schema
				}
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
