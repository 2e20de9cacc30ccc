package api_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The service rejects invisible characters in all texts except passwords, so the published patterns
// exclude those that are rejected in any context.
func TestPublishedPatternsExcludeInvisibleCharacters(t *testing.T) {
	t.Parallel()
	const refused = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u206f\u3164\ufeff\ufffb"
	const allowed = "aäあ\u00a0\u0600\u200c\u200d\u2010\u2027\u202f\u2030\ufe0f\ufffd😀"
	texts, passwords := 0, 0
	for name, schema := range requestSchemas(publishedContract(t)) {
		_ = schema.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
			if !strings.Contains(ref.Value.Pattern, `\x7f-\x9f`) {
				return nil
			}
			pattern, isPassword := regexp.MustCompile(ref.Value.Pattern), ref.Value.Format == "password"
			if isPassword {
				passwords++
			} else {
				texts++
			}
			isHeader := strings.Contains(name, "If-") // whose characters are in quotation marks
			for _, r := range refused {
				if pattern.MatchString("a"+string(r)+"b") != isPassword {
					t.Errorf("%s%s: the pattern %+q matches %U: %v", name, at, ref.Value.Pattern, r, !isPassword)
				}
			}
			for _, r := range allowed {
				if !isHeader && !pattern.MatchString("a"+string(r)+"b") {
					t.Errorf("%s%s: the pattern %+q refuses %U", name, at, ref.Value.Pattern, r)
				}
			}
			return nil
		})
	}
	if texts < 5 || passwords < 3 {
		t.Errorf("found only %d texts and %d passwords", texts, passwords)
	}
}
