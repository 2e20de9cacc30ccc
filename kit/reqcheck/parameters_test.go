package reqcheck_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/plinth/kit/internal/things"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	c := newChecker(t, things.Contract(things.Public+`parameters:
  - {name: q, in: query, schema: {type: string}}
  - {name: tags, in: query, schema: {type: array, items: {type: string}}}
  - {name: since, in: query, schema: {type: string, format: date-time}}
  - {name: ratio, in: query, schema: {type: number, format: double}}
  - {name: needed, in: query, required: true, schema: {type: integer, format: int64}}`))
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
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x?"+test.query, http.NoBody)
			_, found := c.check(t, r, test.id)
			want(t, "findings", strings.Join(found, ", "), test.found)
		})
	}
}

// TestParameterStyles checks valid and invalid values in each style, named as in the request.
func TestParameterStyles(t *testing.T) {
	t.Parallel()
	c := newChecker(t, things.Contract(things.Public+`parameters:
  - {name: list, in: query, explode: false, schema: {type: array, items: {type: integer, format: int32}}}
  - {name: bars, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string, enum: [open, done]}}}
  - {name: spaces, in: query, style: spaceDelimited, explode: false, schema: {type: array, items: {type: string, format: date}}}
  - {name: pair, in: query, explode: false, schema: {type: object, additionalProperties: false, properties: {from: {type: string, format: date}}}}
  - {name: page, in: query, schema: {type: object, properties: {limit: {type: integer, format: int32, maximum: 9}, all: {type: boolean}}}}
  - {name: near, in: query, content: {application/json: {schema: {type: object, required: [lat], properties: {lat: {type: integer, format: int64}}}}}}
  - name: filter
    in: query
    style: deepObject
    explode: true
    schema:
      type: object
      properties:
        owner: {type: string, maxLength: 9}
        made: {type: object, properties: {year: {type: integer, format: int32}}}
        colors: {type: array, maxItems: 2, items: {type: string}}
        extra: {type: object, additionalProperties: {type: boolean}}`))
	for query, wanted := range map[string]string{
		"list=1,2":       "",
		"list=1&list=2":  "query:list invalid",
		"list=":          "query:list invalid_type",
		"list=1,":        "query:list invalid_type",
		"list=%2B1":      "query:list invalid_type",
		"list=-0":        "query:list invalid_type",
		"list=1%2C2":     "",
		"bars=open|done": "",
		"bars=open,done": "query:bars not_allowed",
		"bars=":          "query:bars not_allowed",
		"spaces=2026-01-02+2026-01-03&bars=open%7Cdone": "",
		"spaces=2026-01-02++2026-01-03":                 "query:spaces invalid_format",
		"pair=from,2026-01-02":                          "",
		"pair=from,2026-01-02,to":                       "query:pair invalid_format",
		"pair=from,2026-01-02,from,2026-01-02":          "query:pair invalid_format",
		"pair=to,2026-01-02":                            "query:pair unknown_member",
		"limit=3&all=true":                              "",
		"limit=10":                                      "query:limit too_large",
		"limit=1&limit=2":                               "query:limit invalid",
		"limit=x":                                       "query:limit invalid_type",
		"page=1":                                        "query:page unknown_parameter",
		`near={"lat":1}`:                                "",
		`near={"lat":1e1}`:                              "",
		`near={"lat":1.5}`:                              "query:near invalid_type",
		`near={"lat":1,"LAT":2}`:                        "query:near unknown_member",
		`near={"lat":1,"lat":2}`:                        "query:near invalid_format",
		"near=":                                         "query:near invalid_format",
		`near={"lat":1}&near={"lat":1}`:                 "query:near invalid",
		"filter[owner]=ada":                             "",
		"filter=7":                                      "query:filter unknown_parameter",
		"filter[owner]=0123456789":                      "query:filter[owner] too_long",
		"filter[owner]=a&filter[owner]=b":               "query:filter[owner] invalid",
		"filter[owner][x]=a":                            "query:filter[owner] invalid_type",
		"filter[owner]=%00":                             "query:filter[owner] control_character",
		"filter[made][year]=2026":                       "",
		"filter[made][year]=+1":                         "query:filter[made][year] invalid_type",
		"filter[made]=2026":                             "query:filter[made] invalid_type",
		"filter[colors]=red":                            "",
		"filter[colors]=red&filter[colors]=blue":        "",
		"filter[colors][]=red":                          "",
		"filter[colors][1]=red":                         "query:filter[colors] invalid_format",
		"filter[colors][0]=a&filter[colors][1]=b&filter[colors][2]=c": "query:filter[colors] too_many_items",
		"filter[extra][a]=true": "",
		"filter[extra][a]=1":    "query:filter[extra][a] invalid_type",
		"filter[other]=1":       "query:filter[other] unknown_member",
		"filter[=1":             "query:filter[ invalid_format",
		"filter[owner=1":        "query:filter[owner invalid_format",
		"filter[]=1":            "query:filter[] invalid_format",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			target := "/things/x?" + strings.NewReplacer(`{`, "%7B", `}`, "%7D", `"`, "%22", "|", "%7C").Replace(query)
			_, found := c.check(t, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody), "x")
			want(t, "findings", strings.Join(found, ", "), wanted)
		})
	}
}

func TestParametersInHeadersAndCookies(t *testing.T) {
	t.Parallel()
	c := newChecker(t, things.Contract(things.Public+`parameters:
  - {name: X-Few, in: header, schema: {type: array, items: {type: string, enum: [a, b]}}}
  - {name: X-One, in: header, schema: {type: boolean}}
  - {name: theme, in: cookie, required: true, schema: {type: string, enum: [light, dark]}}`))
	for name, test := range map[string]struct {
		header http.Header
		found  string
		few    string // for generated code
	}{
		"as documented":      {http.Header{"X-Few": {"a,b"}, "X-One": {"true"}, "Cookie": {"theme=dark"}}, "", "a,b"},
		"spaces and lines":   {http.Header{"X-Few": {"a , b", "a"}, "Cookie": {"other=1; theme=dark"}}, "", "a,b,a"},
		"another item":       {http.Header{"X-Few": {"a,c"}, "Cookie": {"theme=dark"}}, "header:X-Few not_allowed", "a,c"},
		"an empty item":      {http.Header{"X-Few": {"a,,b"}, "Cookie": {"theme=dark"}}, "header:X-Few not_allowed", "a,,b"},
		"one of them twice":  {http.Header{"X-One": {"true", "true"}, "Cookie": {"theme=dark"}}, "header:X-One invalid", ""},
		"another type":       {http.Header{"X-One": {"1"}, "Cookie": {"theme=dark"}}, "header:X-One invalid_type", ""},
		"no cookie":          {http.Header{}, "cookie:theme required", ""},
		"an empty cookie":    {http.Header{"Cookie": {"theme="}}, "cookie:theme required", ""},
		"another value":      {http.Header{"Cookie": {"theme=pink"}}, "cookie:theme not_allowed", ""},
		"a cookie twice":     {http.Header{"Cookie": {"theme=dark; theme=light"}}, "cookie:theme invalid", ""},
		"a cookie of spaces": {http.Header{"Cookie": {"theme=dark "}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
			r.Header = test.header
			_, found := c.check(t, r, "x")
			want(t, "findings", strings.Join(found, ", "), test.found)
			want(t, "the list", strings.Join(test.header.Values("X-Few"), "\n"), test.few)
		})
	}
}

// TestUndeclaredMembersAreRefused checks schemas that are open: those that requests share with
// responses, and parts of others.
func TestUndeclaredMembersAreRefused(t *testing.T) {
	t.Parallel()
	c := newChecker(t, things.WithSchemas(things.Contract(things.Body(`{$ref: "#/components/schemas/Dog"}`)), `
    Animal: {type: object, required: [name], properties: {name: {type: string}, id: {type: string, readOnly: true}}}
    Dog:
      allOf:
        - {$ref: "#/components/schemas/Animal"}
        - type: object
          properties:
            owners: {type: array, items: {$ref: "#/components/schemas/Animal"}}
            labels: {type: object, additionalProperties: {type: string}}
            toy: {oneOf: [{type: object, required: [ball], properties: {ball: {type: string}}}, {type: object, required: [bone], properties: {bone: {type: string}}}]}
            any: {}`))
	for sent, wanted := range map[string]string{
		`{"name":"Rex"}`:                                     "",
		`{"name":"Rex","breed":"pug"}`:                       "/breed unknown_member",
		`{"name":"Rex","id":"1"}`:                            "/id invalid",
		`{"name":"Rex","owners":[{"name":"Ada","age":1}]}`:   "/owners/0/age unknown_member",
		`{"name":"Rex","labels":{"a":"b"},"any":{"x":[{}]}}`: "",
		`{"name":"Rex","labels":{"a":1}}`:                    "/labels/a invalid_type",
		`{"name":"Rex","toy":{"ball":"red"}}`:                "",
		`{"name":"Rex","toy":{"ball":"red","bone":"x"}}`:     "/toy invalid",
		`{"name":"Rex","toy":{"ball":"red","more":"x"}}`:     "/toy/more unknown_member",
	} {
		t.Run(sent, func(t *testing.T) {
			t.Parallel()
			_, found := c.checkBody(t, sent)
			want(t, "findings", strings.Join(found, ", "), wanted)
		})
	}
}
