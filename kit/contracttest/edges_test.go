package contracttest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

// sent derives requests to an operation with this body and these parameters. It describes each, and
// maps the descriptions to whether such a request is valid.
func sent(
	t *testing.T,
	known contracttest.Known,
	written string,
	describe func(contracttest.Request) string,
) map[string]bool {
	t.Helper()
	c := parse(t, strings.Replace(read(t, libraryFile), "  /books/latest:", "  /edges/{id}:\n"+
		"    post:\n      operationId: edges\n      security: []\n"+written+"  /books/latest:", 1))
	all := map[string]bool{}
	for _, request := range known.Requests(t, operation(t, c, "edges"), 1, 4000) {
		what := describe(request)
		all[what] = all[what] || request.Refusals == nil
	}
	return all
}

const edgesEnd = "      responses: {default: {$ref: \"#/components/responses/Problem\"}}\n"

// withBody returns an operation with a required body of this schema.
func withBody(schema string) string {
	return `      parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 1}}]
      requestBody: {required: true, content: {application/json: {schema: ` + schema + "}}}\n" + edgesEnd
}

func body(r contracttest.Request) string { return string(r.Body) }

// TestBodiesAtEdges finds the edges of each kind of schema, as valid or invalid requests.
func TestBodiesAtEdges(t *testing.T) {
	t.Parallel()
	object := func(properties string) string {
		return "{type: object, additionalProperties: false, required: [a], properties: {" + properties + "}}"
	}
	tests := map[string]struct {
		schema       string
		kept, broken []string
	}{
		"a text": {
			`{type: string, minLength: 2, maxLength: 4, pattern: "^a*$"}`,
			[]string{`"aa"`, `"aaaa"`},
			[]string{`"a"`, `"aaaaa"`, `""`, `"  "`, `null`, `true`, `7`, `1.5`, `[]`, `{}`},
		},
		"a text of any characters": {
			`{type: string, maxLength: 3}`, []string{`""`, `" "`}, []string{"\"\\u0000\"", `"` + strings.Repeat("a", 40<<10) + `"`},
		},
		"a text of several lines": {
			`{type: string, enum: [x, "x\n", "x\t"], x-multiline: true}`,
			[]string{`"x"`, `"x\n"`, `"x\t"`},
			[]string{`"x\r"`, `"x\u0007"`},
		},
		"a text of one line": {
			`{type: string, enum: [x, "x\n", "x\t"]}`,
			[]string{`"x"`},
			[]string{`" x"`, `"X"`, `"x\r"`},
		},
		"an enum of many values": {
			`{type: string, enum: [a, b, c, d, e, f, g]}`,
			[]string{`"a"`, `"b"`, `"c"`, `"d"`, `"e"`, `"f"`, `"g"`},
			[]string{`"A"`},
		},
		"a nullable text": {
			`{type: string, nullable: true, enum: [x, null]}`,
			[]string{`null`, `"x"`},
			[]string{`7`},
		},
		"a number": {
			`{type: number, minimum: 2, maximum: 5}`,
			[]string{`2`, `5`},
			[]string{`1`, `6`, `0`, `-1`, `1.5`, `1e+30`, `4294967296`, `true`},
		},
		"an integer": {
			`{type: integer, minimum: -1, maximum: 7}`,
			[]string{`-1`, `0`, `7`},
			[]string{`-2`, `8`, `1.5`},
		},
		"a list": {
			`{type: array, minItems: 2, maxItems: 3, items: {type: integer, minimum: 4, maximum: 4}}`,
			[]string{`[4,4]`, `[4,4,4]`},
			[]string{`[4]`, `[4,4,4,4]`, `[]`, `[null]`},
		},
		"a list of options": {
			`{type: array, uniqueItems: true, items: {type: string, enum: [a, b]}}`,
			[]string{`["a"]`, `["b"]`, `[]`},
			[]string{`["a","a"]`, `[7]`},
		},
		"an object": {
			object("a: {type: integer, minimum: 1, maximum: 1}, b: {type: boolean}"),
			[]string{`{"a":1}`, `{"a":1,"b":true}`, `{"a":1,"b":false}`},
			[]string{
				`{}`, `{"b":true}`, `{"a":1,"b":null}`, `{"a":2}`, `{"a":1,"undeclared":"x"}`, `{"":"x","a":1}`,
				`{"__proto__":{},"a":1}`, `{"A":1,"a":1}`, `{"a":null,"a":1}`, `{"\u0061":null,"a":1}`, `[]`, `null`,
				// Malformed documents.
				`{"a":1}{"a":1}`, `{"a":1}x`, `{"a":1},`, `/**/{"a":1}`, "\ufeff" + `{"a":1}`, `{"a":1`, "",
				`{"a":NaN}`, `{"a":01}`, `{"a":'a'}`, `{"a":"` + "\xff" + `"}`, `{"a":"\ud800"}`, `{"a":}`, `{"a":1e400}`,
				"\xff\xfe{\x00\"\x00a\x00\"\x00:\x001\x00}\x00",
			},
		},
		"an object in an object": {
			object("a: " + object("a: {type: boolean}")),
			[]string{`{"a":{"a":true}}`},
			[]string{`{"a":{}}`, `{"a":{"a":null}}`, `{"a":{"a":true,"undeclared":"x"}}`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := sent(t, nil, withBody(test.schema), body)
			for _, text := range slices.Concat(test.kept, test.broken) {
				if kept, tried := all[text]; !tried || kept != slices.Contains(test.kept, text) {
					t.Errorf("%q: tried %v, valid %v", text, tried, kept)
				}
			}
		})
	}
}

// TestBodiesAtLimits finds the edges of sizes and media types.
func TestBodiesAtLimits(t *testing.T) {
	t.Parallel()
	all := sent(t, nil, withBody("{type: boolean}"), func(r contracttest.Request) string {
		return http.StatusText(append(r.Refusals, http.StatusOK)[0]) + " " + r.Header.Get("Content-Type") + " " +
			r.Header.Get("Content-Encoding") + " " + map[int]string{64 << 10: "full", 64<<10 + 1: "beyond"}[len(r.Body)]
	})
	for _, want := range []string{
		"OK application/json  full", "Request Entity Too Large application/json  beyond", "OK application/json; charset=utf-8  ",
		"Unsupported Media Type application/json; charset=utf-16  ", "Unsupported Media Type   ",
		"Unsupported Media Type application/json gzip ", "Unsupported Media Type text/plain  ", "Bad Request application/json  ",
	} {
		if _, tried := all[want]; !tried {
			t.Errorf("%q was not tried", want)
		}
	}
}

func TestParametersAtEdges(t *testing.T) {
	t.Parallel()
	all := sent(t, nil, `      parameters:
        - {name: id, in: path, required: true, schema: {type: string, enum: [x, y/z]}}
        - {name: page, in: query, required: true, schema: {type: integer, minimum: 1, maximum: 1}}
        - {name: tag, in: query, schema: {type: array, maxItems: 2, items: {type: string, enum: [t]}}}
        - {name: ids, in: query, explode: false, schema: {type: array, minItems: 2, maxItems: 2, items: {type: string, enum: [t]}}}
        - {name: X-Kind, in: header, required: true, schema: {type: string, enum: [k]}}
`+edgesEnd, func(r contracttest.Request) string { return r.Target + " " + r.Header.Get("X-Kind") })
	for want, kept := range map[string]bool{
		"/edges/x?page=1 k": true, "/edges/y%2Fz?page=1 k": true, "/edges/X?page=1 k": false,
		"/edges/x?page=0 k": false, "/edges/x?page=2 k": false, "/edges/x k": false, "/edges/x?page=1&page=1 k": false,
		"/edges/x?page=1&tag=t k": true, "/edges/x?page=1&tag=t&tag=t k": true, "/edges/x?page=1&tag=t&tag=t&tag=t k": false,
		"/edges/x?ids=t%2Ct&page=1 k": true, "/edges/x?page=1&undeclared=1 k": false, "/edges/x?%zz k": false,
		"/edges/x?page=1 K": false, "/edges/x?page=1 ": false,
	} {
		if got, tried := all[want]; !tried || got != kept {
			t.Errorf("%q: tried %v, valid %v", want, tried, got)
		}
	}
}

// TestParameterStyles finds encoded parameters of each style, as valid or invalid requests.
func TestParameterStyles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		parameter    string
		kept, broken []string
	}{
		"integers": {
			`{name: n, in: query, schema: {type: array, maxItems: 2, items: {type: integer, format: int32, minimum: 4, maximum: 4}}}`,
			[]string{"?n=4", "?n=4&n=4"},
			[]string{"?n=true", "?n=1.5", "?n=4&n=4&n=4"},
		},
		"texts with commas": {
			`{name: n, in: query, explode: false, schema: {type: array, items: {type: string, enum: [a, b]}}}`,
			[]string{"?n=a", "?n=b"},
			[]string{"?n=%D0%B0", "?n=1&n=1"},
		},
		"texts with bars": {
			`{name: n, in: query, style: pipeDelimited, explode: false, schema: {type: array, minItems: 2, maxItems: 2, items: {type: string, enum: [a]}}}`,
			[]string{"?n=a%7Ca"},
			[]string{"?n=a", "?n=a%7Ca%7Ca"},
		},
		"a deep object": {
			`{name: n, in: query, style: deepObject, explode: true, schema: {type: object, required: [a], properties: {a: {type: integer, minimum: 4, maximum: 4}}}}`,
			[]string{"?n%5Ba%5D=4"},
			[]string{"?n%5Ba%5D=true", "?n%5Ba%5D=4&n%5Bundeclared%5D=x"},
		},
		"an object of parameters": {
			`{name: n, in: query, schema: {type: object, required: [a], properties: {a: {type: integer, minimum: 4, maximum: 4}}}}`,
			[]string{"?a=4"},
			[]string{"?a=true"},
		},
		"JSON": {
			`{name: n, in: query, content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: boolean}}}}}}`,
			[]string{"?n=%7B%22a%22%3Atrue%7D"},
			[]string{"?n=null", "?n=%7B%7D"},
		},
		"a UUID": {
			`{name: n, in: query, schema: {type: string, format: uuid}}`, nil, []string{"?n=1.5", "?n=true"},
		},
		"an address": {
			`{name: n, in: query, schema: {type: string, format: ipv4}}`, []string{"?n=192.0.2.1"}, []string{"?n=1.5"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := sent(t, nil, `      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 1}}
        - `+test.parameter+"\n"+edgesEnd, func(r contracttest.Request) string { return strings.TrimPrefix(r.Target, "/edges/1") })
			for _, target := range slices.Concat(test.kept, test.broken) {
				if kept, tried := all[target]; !tried || kept != slices.Contains(test.kept, target) {
					t.Errorf("%q: tried %v, valid %v", target, tried, kept)
				}
			}
			if all["?n="] {
				t.Error("an empty parameter is valid")
			}
		})
	}
}

// TestKnownValues finds known values in each location, unless the schema rejects them.
func TestKnownValues(t *testing.T) {
	t.Parallel()
	known := contracttest.Known{
		"id":     {"known-id"},
		"page":   {"known-page", 12345.0},
		"X-Kind": {"known-kind"},
		"a":      {"known-a"},
	}
	all := sent(t, known, `      parameters:
        - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z-]{3,9}$"}}
        - {name: page, in: query, schema: {type: string}}
        - {name: X-Kind, in: header, schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a], additionalProperties: false, properties: {a: {type: string}}}}}}
`+edgesEnd, func(r contracttest.Request) string {
		return r.Target + " " + r.Header.Get("X-Kind") + " " + string(r.Body)
	})
	together, apart := false, false
	for request, kept := range all {
		if strings.Contains(request, "=12345") && kept {
			t.Errorf("%s: a known value of another type is drawn", request)
		}
		together = together || kept && request == `/edges/known-id?page=known-page known-kind {"a":"known-a"}`
		apart = apart || kept && !strings.Contains(request, "known")
	}
	if !together || !apart {
		t.Errorf("all known: %v, none known: %v", together, apart)
	}
}
