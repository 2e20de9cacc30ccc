package strictjson_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/strictjson"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, json string }{
		{"null", `null`},
		{"true", ` true `},
		{"false", "\tfalse\r\n"},
		{"zero", `0`},
		{"minus zero", `-0`},
		{"a number", `-12.5e-3`},
		{"the largest number", `1.7976931348623157e308`},
		{"nearly nothing", `1e-999`},
		{"an empty text", `""`},
		{"escapes", `"\"\\\/\u0041\u00e9"`},
		{"a pair of surrogates", `"\ud83d\ude00"`},
		{"beyond ASCII", `"é😀"`},
		{"no character, and a private one", "\"\uffff\ue000\""},
		{"an empty list", `[]`},
		{"a list", `[1, "a", null, [true], {}]`},
		{"an empty object", `{}`},
		{"an object", `{"a": 1, "b": {"a": [{}]}, "": null}`},
		{"names that differ in case", `{"a":1,"A":2}`},
		{"names that look alike", "{\"é\":1,\"e\u0301\":2}"},
		{"32 levels", strings.Repeat("[", 32) + strings.Repeat("]", 32)},
		{"32 levels, twice", `[` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `,` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `]`},
	} {
		t.Run(test.name+" equals encoding/json", func(t *testing.T) {
			t.Parallel()
			value, found, err := decode([]byte(test.json))
			if err != nil {
				t.Fatal(err)
			}
			var wanted any
			if err := json.Unmarshal([]byte(test.json), &wanted); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(asFloats(value), wanted) {
				t.Errorf("got %#v, want %#v", value, wanted)
			}
			if len(found) > 0 {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestDecodeReportsFieldErrors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 65)
	for _, test := range []struct{ name, json, found string }{
		{"at the top", `"\u0000"`, " control_character"},
		{"in a member", `{"a":"\u001f"}`, "/a control_character"},
		{"in a list", `["a","\n",["\u007f"]]`, "/1 control_character, /2/0 control_character"},
		{"in a name", `{"a":{"\u0000":1}}`, "/a control_character"},
		{"in a name and what it names", `{"a":{"\u0000":"\u0000"}}`, "/a control_character, /a control_character"},
		{"below a long name", `{"a":{"` + long + `":{"b":"\t"}}}`, "/a control_character"},
		{"below a name to be escaped", `{"a/b":{"c~d":"\t"}}`, "/a~1b/c~0d control_character"},
		{"C1", "{\"a\":\"\u0080\",\"b\":\"\u009f\",\"c\":\"\u00a0\"}", "/a control_character, /b control_character"},
		{"format characters", `{"a":"\u202e"}`, "/a control_character"},
		{"numbers beyond all bounds", `{"a":1e309,"b":[-1e309],"c":1e308}`, "/a too_large, /b/0 too_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, found, err := decode([]byte(test.json))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(found, ", "); got != test.found {
				t.Errorf("found %q, want %q", got, test.found)
			}
		})
	}
}

// TestDecodeIsBounded decodes hostile 64 KiB. Each takes milliseconds, unless the time grows with
// the square of the size.
func TestDecodeIsBounded(t *testing.T) {
	t.Parallel()
	const size, limit = 64 << 10, 5 * time.Second
	fill := func(before, repeated, after string) string {
		return before + strings.Repeat(repeated, (size-len(before)-len(after))/len(repeated)) + after
	}
	names := slices.Repeat([]string{`{"` + strings.Repeat("n", 1000) + `":`}, 30)
	for _, test := range []struct{ name, json string }{
		{"brackets", fill("", "[", "")},
		{"braces", fill("", `{"":`, "")},
		{"lists side by side", fill("[", "[],", "[]]")},
		{"objects side by side", fill("[", "{},", "{}]")},
		{"one member over and over", fill("{", `"a":1,`, `"b":1}`)},
		{"a number of many digits", fill("", "9", "")},
		{"a number of many zeros", fill("1.", "0", "1")},
		{"many numbers beyond all bounds", fill("[", "1e999,", "1]")},
		{"control characters", fill("[", `"\u0000",`, "1]")},
		{"control characters below long names", fill(strings.Join(names, "")+"[", `"\u0000",`, "1]"+strings.Repeat("}", 30))},
		{"escapes", fill(`"`, `\u0041`, `"`)},
		{"backslashes", fill(`"`, `\\`, `"`)},
		{"white space", fill("", " ", "1")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			started := time.Now()
			_, found, _ := decode([]byte(test.json)) // refused or not
			if took := time.Since(started); took > limit {
				t.Errorf("took %s", took)
			}
			if told := len(strings.Join(found, "")); len(found) > 32 || told > size {
				t.Errorf("%d findings of %d bytes", len(found), told)
			}
		})
	}
}

// decode decodes without a schema, and returns the field errors as "pointer code".
func decode(data []byte) (value any, found []string, err error) {
	decoded, err := strictjson.Decode(context.Background(), data, nil)
	for _, field := range decoded.Found {
		found = append(found, field.Pointer+" "+field.Code)
	}
	return decoded.Value, found, err
}
