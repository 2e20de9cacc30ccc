//go:build !race

package reqcheck_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/internal/things"
)

// maxAmplification is the limit of bytes that are allocated for each byte of a rejected body.
const maxAmplification = 20

// manyThings has lists and maps of up to 1,000.
const manyThings = `
    Things:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, minLength: 1}
        numbers: {type: array, maxItems: 1000, items: {type: integer, format: int32, minimum: 1}}
        pairs: {type: array, maxItems: 1000, items: {type: object, additionalProperties: false, required: [k], properties: {k: {type: string, maxLength: 1}}}}
        grid: {type: array, maxItems: 1000, items: {type: array, maxItems: 1000, minItems: 1, items: {type: string, enum: [a, b]}}}
        labels: {type: object, maxProperties: 1000, additionalProperties: {type: string, pattern: '^[a-z]+$'}}
        few: {type: array, maxItems: 3, items: {type: string}}
        small: {type: object, maxProperties: 2, additionalProperties: {type: string}}
        either: {oneOf: [{type: array, maxItems: 1000, items: {type: string}}, {type: array, maxItems: 1000, items: {type: integer, format: int32}}]}
        all: {allOf: [{type: array, items: {type: string, maxLength: 3}}, {type: array, maxItems: 99, items: {type: string}}]}`

func manyThingsContract() string {
	return things.WithSchemas(things.Contract(things.Body(`{$ref: "#/components/schemas/Things"}`)), manyThings)
}

// TestSchemaErrorsOfLargeValues finds faults anywhere in a large body.
func TestSchemaErrorsOfLargeValues(t *testing.T) {
	t.Parallel()
	list := func(good string, n int, bad ...string) string {
		return "[" + strings.Join(slices.Concat(slices.Repeat([]string{good}, n), bad), ",") + "]"
	}
	c := newChecker(t, manyThingsContract())
	labels := strings.Join(numbered(`"l%03d":"x"`, 100), ",")
	for _, test := range []struct{ name, body, found string }{
		{"nothing", `{"name":"x","numbers":` + list("1", 1000) + `}`, ""},
		{"a number", `{"name":"x","numbers":` + list("1", 900, "0", "1", "-1") + `}`, "/numbers/900 too_small, /numbers/902 too_small"},
		{"a member of an item", `{"name":"x","pairs":` + list(`{"k":"a"}`, 100, `{"k":"ab"}`, `{}`) + `}`, "/pairs/100/k too_long, /pairs/101/k required"},
		{"an unknown member of an item", `{"name":"x","pairs":` + list(`{"k":"a"}`, 100, `{"k":"a","x":1}`) + `}`, "/pairs/100/x unknown_member"},
		{"an item of another type", `{"name":"x","pairs":` + list(`{"k":"a"}`, 100, "1", "[{}]") + `}`, "/pairs/100 invalid_type, /pairs/101 invalid_type"},
		{"a list in a list", `{"name":"x","grid":` + list(`["a"]`, 100, "[]", list(`"a"`, 50, `"c"`)) + `}`, "/grid/100 too_few_items, /grid/101/50 not_allowed"},
		{"a label", `{"name":"x","labels":{` + labels + `,"a":"1","z":null}}`, "/labels/a invalid_format, /labels/z not_nullable"},
		{"beside what is missing", `{"numbers":` + list("1", 100, "0") + `}`, "/name required, /numbers/100 too_small"},
		{"too many items", `{"name":"x","few":` + list(`"a"`, 1000) + `}`, "/few too_many_items"},
		{"too many items of another type", `{"name":"x","few":` + list(`1`, 4) + `}`, "/few too_many_items, /few/0 invalid_type, /few/1 invalid_type, /few/2 invalid_type, /few/3 invalid_type"},
		{"too many members", `{"name":"x","small":{` + labels + `}}`, "/small too_many_members"},
		{"either", `{"name":"x","either":` + list("1", 100) + `}`, ""},
		{"neither", `{"name":"x","either":` + list("1", 100, `"a"`) + `}`, "/either/0 invalid_type, /either/100 invalid_type"},
		{"all", `{"name":"x","all":` + list(`"abc"`, 99) + `}`, ""},
		{"not all", `{"name":"x","all":` + list(`"abc"`, 100) + `}`, "/all too_many_items"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, found := c.checkBody(t, test.body)
			want(t, "findings", strings.Join(found, ", "), test.found)
		})
	}
}

// TestSchemaErrorsAreBounded checks that hostile bodies report at most 32 faults and allocate in
// proportion to their size.
//
//nolint:paralleltest // allocations are counted for the whole process
func TestSchemaErrorsAreBounded(t *testing.T) {
	const size = 60 << 10
	list := func(item string) string { return "[" + strings.Repeat(item+",", size/(len(item)+1)) + item + "]" }
	members := func(format string) string { return strings.Join(numbered(format, size/12), ",") }
	c := newChecker(t, manyThingsContract())
	for _, test := range []struct{ name, body string }{
		{"numbers that are too small", `{"name":"x","numbers":` + list("0") + `}`},
		{"numbers of another type", `{"name":"x","numbers":` + list(`""`) + `}`},
		{"lists of another type", `{"name":"x","numbers":` + list(`[]`) + `}`},
		{"items without members", `{"name":"x","pairs":` + list("{}") + `}`},
		{"unknown members", `{"name":"x","pairs":` + list(`{"x":1}`) + `}`},
		{"empty lists", `{"name":"x","grid":` + list("[]") + `}`},
		{"texts of no list", `{"name":"x","grid":` + list(`["c"]`) + `}`},
		{"labels of another type", `{"name":"x","labels":{` + members(`"%x":0`) + `}}`},
		{"labels of another form", `{"name":"x","labels":{` + members(`"%x":"0"`) + `}}`},
		{"good labels, and a name that is not", `{"name":"","labels":{` + members(`"%x":"a"`) + `}}`},
		{"good numbers, and a name that is not", `{"name":"","numbers":` + list("1") + `}`},
		{"too many items", `{"name":"x","few":` + list(`""`) + `}`},
		{"too many members", `{"name":"x","small":{` + members(`"%x":"a"`) + `}}`},
		{"neither", `{"name":"x","either":` + list(`""`) + `,"x":1}`},
		{"not all", `{"name":"x","all":` + list(`"abcd"`) + `}`},
	} {
		t.Run(test.name, func(t *testing.T) { //nolint:paralleltest // as above
			found := 0
			ratio := allocatedBytes(8, func() {
				found = c.countFaults(t, test.body)
			}) / float64(len(test.body))
			t.Logf("%d faults, %.1f bytes for each of %d", found, ratio, len(test.body))
			if found == 0 || found > 32 || ratio > maxAmplification {
				t.Errorf("%d faults, %.1f bytes for each of %d", found, ratio, len(test.body))
			}
		})
	}
}
