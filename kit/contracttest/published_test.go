package contracttest_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/contracttest"
)

func TestTextBreaches(t *testing.T) {
	t.Parallel()
	const line = "^[^\\x00-\\x1f\\x7f-\\x9f"
	invisible := "\u00ad\u061c\u180e\u200b\u200e-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufffb"
	for name, test := range map[string]struct {
		schema openapi3.Schema
		want   string // none if empty
	}{
		"no pattern":             {openapi3.Schema{}, "needs a pattern"},
		"a password, no pattern": {openapi3.Schema{Format: "password"}, "needs a pattern"},
		"a format":               {openapi3.Schema{Format: "date"}, ""},
		"all excluded":           {openapi3.Schema{Pattern: line + invisible + "]*$"}, ""},
		"a password":             {openapi3.Schema{Format: "password", Pattern: line + "]*$"}, ""},
		"control characters":     {openapi3.Schema{Pattern: "^.*$"}, "accepts U+0000"},
		"invisible characters":   {openapi3.Schema{Pattern: line + "]*$"}, "matches U+00AD: true"},
		"too many excluded":      {openapi3.Schema{Pattern: line + invisible + "あ]*$"}, "excludes U+3042"},
		"letters only":           {openapi3.Schema{Pattern: "^[a-z]*$"}, ""},
	} {
		breaches := strings.Join(contracttest.TextBreaches(&test.schema), "\n")
		if test.want == "" && breaches != "" || !strings.Contains(breaches, test.want) {
			t.Errorf("%s: got %q, want %q", name, breaches, test.want)
		}
	}
}
