package httpapi_test

import (
	"strings"
	"testing"

	"example.com/plinth/internal/httpapi"
)

// TestParameters is about parameters of kinds that our own contract does not have yet. The catalogue tries those it has.
func TestParameters(t *testing.T) {
	t.Parallel()
	contract := contractOf(public + `parameters:
  - {name: q, in: query, schema: {type: string}}
  - {name: tags, in: query, schema: {type: array, items: {type: string}}}
  - {name: since, in: query, schema: {type: string, format: date-time}}
  - {name: ratio, in: query, schema: {type: number, format: double}}
  - {name: needed, in: query, required: true, schema: {type: integer, format: int64}}`)
	for _, test := range []struct{ query, id, found string }{
		{"needed=1", "x", ""},
		{"needed=1&q=", "x", ""},
		{"needed=1&q=a%20b%C3%A9%F0%9F%98%80", "é", ""},
		{"needed=1&tags=a&tags=b", "x", ""},
		{"needed=-9007199254740991", "x", ""},
		{"needed=9007199254740992", "x", "query:needed too_large"},
		{"needed=-9223372036854775808", "x", "query:needed too_small"},
		{"", "x", "query:needed required"},
		{"needed=9223372036854775808", "x", "query:needed invalid_type"},
		{"needed=-0", "x", "query:needed invalid_type"},
		{"needed=1&q=a&q=b", "x", "query:q invalid"},
		{"needed=1&q=%00", "x", "query:q control_character"},
		{"needed=1&q=a%0D%0Ab", "x", "query:q control_character"},
		{"needed=1&q=%C2%9B", "x", "query:q control_character"},
		{"needed=1&q=%FF", "x", "query:q invalid_format"},
		{"needed=1&q=%ED%A0%80", "x", "query:q invalid_format"},
		{"needed=1&tags=a&tags=%00", "x", "query:tags control_character"},
		{"needed=1&tags=a&tags=%C0%AF", "x", "query:tags invalid_format"},
		{"needed=1", "a\x00b", "path:id control_character"},
		{"needed=1", "\xff", "path:id invalid_format"},
		{"needed=1&since=2026-01-02T03:04:05Z", "x", ""},
		{"needed=1&since=2026-02-29T03:04:05Z", "x", "query:since invalid_format"},
		{"needed=1&ratio=1.5", "x", ""},
		{"needed=1&ratio=1e999", "x", "query:ratio invalid_type"},
		{"needed=x&q=%00&other=1", "\x7f", "path:id control_character, query:needed invalid_type, query:other unknown_parameter, query:q control_character"},
	} {
		t.Run(test.query+" and "+test.id, func(t *testing.T) {
			t.Parallel()
			found, err := httpapi.CheckParameters(contract, "/things/x?"+test.query, test.id)
			must(t, err)
			want(t, "findings", strings.Join(found, ", "), test.found, nil)
		})
	}
}
