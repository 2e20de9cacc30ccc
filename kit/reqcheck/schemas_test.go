package reqcheck_test

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime"
	"github.com/oapi-codegen/runtime/types"

	"example.com/plinth/kit/internal/things"
)

// thing has a member of each kind, with the types that oapi-codegen generates.
type thing struct {
	Count int64          `json:"count,omitempty"`
	Small *int32         `json:"small,omitempty"`
	Ratio *float64       `json:"ratio,omitempty"`
	When  *time.Time     `json:"when,omitempty"`
	Day   *types.Date    `json:"day,omitempty"`
	UUID  *types.UUID    `json:"uuid,omitempty"`
	Bytes []byte         `json:"bytes,omitempty"`
	Line  *string        `json:"line,omitempty"`
	Text  *string        `json:"text,omitempty"`
	Any   map[string]any `json:"any,omitempty"`
	Texts []string       `json:"texts,omitempty"`
	Few   []int32        `json:"few,omitempty"`
	Inch  *int32         `json:"inch,omitempty"`
	OneOf any            `json:"one_of,omitempty"`
	AnyOf any            `json:"any_of,omitempty"`
	Inner *thing         `json:"inner,omitempty"`
}

const schemasOfThings = `
    Thing:
      type: object
      additionalProperties: false
      properties:
        count: {type: integer, format: int64}
        small: {type: integer, format: int32}
        ratio: {type: number, format: double}
        when: {type: string, format: date-time}
        day: {type: string, format: date}
        uuid: {type: string, format: uuid}
        bytes: {type: string, format: byte}
        line: {type: string}
        text: {allOf: [{type: string, maxLength: 20}, {type: string, x-multiline: true}]}
        any: {type: object, additionalProperties: {type: string, x-multiline: true}}
        texts: {type: array, items: {type: string, x-multiline: true}}
        few: {type: array, minItems: 2, maxItems: 3, uniqueItems: true, items: {type: integer, format: int32}}
        inch: {type: integer, format: int32, minimum: 0, exclusiveMinimum: true, maximum: 12, exclusiveMaximum: true}
        one_of: {oneOf: [{type: integer, format: int32}, {type: string, x-multiline: true}]}
        any_of: {anyOf: [{type: integer, format: int32}, {type: string, x-multiline: true}]}
        inner: {$ref: "#/components/schemas/Thing"}`

// TestBodies binds all valid bodies to their type, with the value that was sent.
func TestBodies(t *testing.T) {
	t.Parallel()
	c := newChecker(t, things.WithSchemas(things.Contract(things.Body(`{$ref: "#/components/schemas/Thing"}`)), schemasOfThings))
	for _, test := range []struct{ sent, found, bound string }{ // bound is empty if it equals sent
		{`{"count":1000000}`, "", ""},
		{`{"count":9007199254740991}`, "", ""},
		{`{"count":-9007199254740991}`, "", ""},
		{`{"count":9007199254740992}`, "/count too_large", ""},
		{`{"count":9007199254740993}`, "/count too_large", ""},
		{`{"count":-9007199254740993}`, "/count too_small", ""},
		{`{"count":9223372036854775807}`, "/count too_large", ""},
		{`{"count":9223372036854775808}`, "/count too_large", ""},
		{`{"count":1e30}`, "/count too_large", ""},
		{`{"count":1e6}`, "", `{"count":1000000}`},
		{`{"count":15.0}`, "", `{"count":15}`},
		{`{"count":1.5}`, "/count invalid_type", ""},
		{`{"count":1e-7}`, "/count invalid_type", ""},
		{`{"small":2147483647}`, "", ""},
		{`{"small":-2147483648}`, "", ""},
		{`{"small":2147483648}`, "/small too_large", ""},
		{`{"small":-2147483649}`, "/small too_small", ""},
		{`{"ratio":1000000}`, "", ""},
		{`{"ratio":0.1}`, "", ""},
		{`{"ratio":-0}`, "", `{"ratio":0}`},
		{`{"ratio":9007199254740993}`, "", `{"ratio":9007199254740992}`},
		{`{"ratio":123456789012345678901234567890}`, "", `{"ratio":1.2345678901234568e+29}`},
		{`{"ratio":1.7976931348623157e+308}`, "", ""},
		{`{"ratio":5e-324}`, "", ""},

		{`{"few":[1,2]}`, "", ""},
		{`{"few":[1]}`, "/few too_few_items", ""},
		{`{"few":[1,2,3,4]}`, "/few too_many_items", ""},
		{`{"few":[1,1]}`, "/few invalid", ""},
		{`{"inch":1}`, "", ""},
		{`{"inch":0}`, "/inch too_small", ""},
		{`{"inch":12}`, "/inch too_large", ""},

		{`{"when":"2026-01-02T03:04:05.678901Z"}`, "", ""},
		{`{"when":"2026-01-02T03:04:05+02:00"}`, "", ""},
		{`{"when":"2024-02-29T00:00:00Z"}`, "", ""},
		{`{"when":"2026-02-29T00:00:00Z"}`, "/when invalid_format", ""},
		{`{"when":"2026-01-02T03:04:60Z"}`, "/when invalid_format", ""},
		{`{"when":"2026-01-02T24:00:00Z"}`, "/when invalid_format", ""},
		{`{"when":"2026-01-02t03:04:05z"}`, "/when invalid_format", ""},
		{`{"when":"2026-01-02T03:04:05"}`, "/when invalid_format", ""},
		{`{"when":"2026-01-02T03:04:05+99:00"}`, "/when invalid_format", ""},
		{`{"when":"0000-01-02T03:04:05Z"}`, "/when invalid_format", ""},
		{`{"when":"0001-01-01T00:00:00+01:00"}`, "/when invalid_format", ""},
		{`{"when":"9999-12-31T23:59:59-01:00"}`, "/when invalid_format", ""},
		{`{"day":"2024-02-29"}`, "", ""},
		{`{"day":"2026-02-29"}`, "/day invalid_format", ""},
		{`{"day":"0000-01-01"}`, "/day invalid_format", ""},
		{`{"uuid":"0191d0a4-9c5e-7c3a-8b1f-2f6d3c4b5a69"}`, "", ""},
		{`{"uuid":"0191d0a4-9c5e-7c3a-8b1f-2f6d3c4b5a6"}`, "/uuid invalid_format", ""},
		{`{"uuid":"urn:uuid:0191d0a4-9c5e-7c3a-8b1f-2f6d3c4b5a69"}`, "/uuid invalid_format", ""},
		{`{"bytes":"AAEC/w=="}`, "", ""},
		{`{"bytes":"AAEC_w=="}`, "/bytes invalid_format", ""},
		{`{"bytes":"AAEC/w"}`, "/bytes invalid_format", ""},
		{`{"bytes":"AAEC/x=="}`, "/bytes invalid_format", ""},

		{`{"line":"a\nb"}`, "/line control_character", ""},
		{`{"line":"a\tb"}`, "/line control_character", ""},
		{`{"text":"a\n\tb"}`, "", ""},
		{`{"text":"a\r\nb"}`, "/text control_character", ""},
		{`{"text":"a\u0000\nb"}`, "/text control_character", ""},
		{`{"text":"a\u0085b"}`, "/text control_character", ""},
		{`{"text":"a\nb, and more than twenty"}`, "/text too_long", ""},
		{`{"any":{"b":"a\nb"}}`, "", ""},
		{`{"any":{"a\nb":"a\nb"}}`, "/any control_character", ""},
		{`{"texts":["","a\nb"]}`, "", ""},
		{`{"texts":["a\nb",["a\nb"]]}`, "/texts/1 invalid_type", ""},
		{`{"any_of":"a\nb","one_of":"a\nb"}`, "", `{"one_of":"a\nb","any_of":"a\nb"}`},
		{`{"inner":{"inner":{"text":"a\nb"}}}`, "", ""},
		{`{"inner":{"inner":{"line":"a\nb"}}}`, "/inner/inner/line control_character", ""},
		{`{"more":"a\nb"}`, "/more unknown_member", ""},
		{`{"text":{"text":"a\nb"}}`, "/text invalid_type", ""},
	} {
		t.Run(test.sent, func(t *testing.T) {
			t.Parallel()
			value, found := c.checkBody(t, test.sent)
			want(t, "findings", strings.Join(found, ", "), test.found)
			if test.found != "" {
				return
			}
			var bound thing
			must(t, runtime.BindJSONValue(value, &bound))
			text, err := json.Marshal(bound)
			must(t, err)
			want(t, "what is bound", string(text), cmp.Or(test.bound, test.sent))
		})
	}
}
