package contracttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/getkin/kin-openapi/openapi3"
)

// bodyLimit returns the maximum size of a body in bytes: x-max-bytes, or 64 KiB.
func (op Operation) bodyLimit() int {
	if declared, ok := op.spec.Extensions["x-max-bytes"].(float64); ok {
		return int(declared)
	}
	return 64 << 10
}

// raw is a body or parameter, with the statuses that may refuse it; nil if it is valid.
type raw struct {
	name     string
	text     []byte
	refusals []int
}

var (
	malformed   = []int{http.StatusBadRequest}
	invalid     = []int{http.StatusUnprocessableEntity}
	eitherWay   = []int{http.StatusBadRequest, http.StatusUnprocessableEntity} // depends on which layer rejects it
	tooLarge    = []int{http.StatusRequestEntityTooLarge}
	unsupported = []int{http.StatusUnsupportedMediaType}
)

// bodies returns bodies at each edge of the schema, of JSON, of UTF-8 and of the size limit.
func (s source) bodies(schema *openapi3.Schema, limit int) []raw {
	value := s.valid(schema)
	all := []raw{s.encoded(schema, variant{name: "valid", value: value})}
	for _, v := range s.variants(schema, value) {
		if body := s.encoded(schema, v); len(body.text) <= limit {
			all = append(all, body)
		}
	}
	text := all[0].text
	for _, broken := range brokenDocuments(text) {
		if json.Valid(broken.text) && !strings.HasPrefix(string(broken.text), "[[") || len(broken.text) > limit {
			continue // a truncated number is a number
		}
		all = append(all, broken)
	}
	if object, ok := value.(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			all = append(all, brokenMembers(name)...)
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			all = append(all, twice(name, text)...)
		}
	}
	padding := strings.Repeat(" ", limit-len(text))
	return append(all,
		raw{"the maximum size", []byte(string(text) + padding), all[0].refusals},
		raw{"above the maximum size", []byte(string(text) + padding + " "), tooLarge},
		raw{"far above the maximum size", []byte(string(text) + padding + padding), tooLarge})
}

// encoded encodes a variant as JSON and validates it.
func (s source) encoded(schema *openapi3.Schema, v variant) raw {
	text, err := json.Marshal(v.value)
	if err != nil {
		s.tb.Fatalf("encoding %s: %v", v.name, err)
	}
	body := raw{name: v.name, text: text}
	if v.control || visit(schema, v.value, openapi3.VisitAsRequest()) != nil {
		body.refusals = invalid
	}
	return body
}

// brokenDocuments returns malformed documents, made from a valid one.
func brokenDocuments(text []byte) []raw {
	doc := string(text)
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(doc)) {
		wide = append(wide, byte(unit), byte(unit>>8)) //nolint:gosec // the low byte
	}
	nested := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	return []raw{
		{"nothing", []byte{}, eitherWay},
		{"white space only", []byte(" \n"), eitherWay},
		{"truncated", text[:len(text)-1], malformed},
		{"trailing text", []byte(doc + "x"), malformed},
		{"a second document", []byte(doc + doc), malformed},
		{"a trailing comma", []byte(doc + ","), malformed},
		{"a leading comment", []byte("/**/" + doc), malformed},
		{"a byte order mark", []byte("\ufeff" + doc), malformed},
		{"UTF-16", wide, malformed},
		{"a form", []byte("email=a&password=b"), malformed},
		{"deep nesting", []byte(nested), eitherWay},
	}
}

// brokenMembers returns objects with one member whose value is not JSON or not UTF-8.
func brokenMembers(name string) []raw {
	values := []raw{
		{"a byte that is not UTF-8", []byte("\"\xff\""), malformed},
		{"overlong UTF-8", []byte("\"\xc0\x80\""), malformed},
		{"a surrogate in UTF-8", []byte("\"\xed\xa0\x80\""), malformed},
		{"a lone surrogate", []byte(`"\ud800"`), malformed},
		{"a bare control character", []byte("\"\x01\""), malformed},
		{"an unknown escape", []byte(`"\x41"`), malformed},
		{"single quotes", []byte(`'a'`), malformed},
		{"NaN", []byte(`NaN`), malformed},
		{"a leading zero", []byte(`01`), malformed},
		{"no value", nil, malformed},
		{"a number beyond any type", []byte(`1e400`), eitherWay},
		{"deep nesting", []byte(strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)), eitherWay},
	}
	for i, v := range values {
		values[i].name = name + ": " + v.name
		values[i].text = fmt.Appendf(nil, "{%q:%s}", name, v.text)
	}
	return values
}

// twice returns the JSON of an object with one member repeated, once literally and once escaped.
func twice(name string, text []byte) []raw {
	rest := string(text[1:])
	return []raw{
		{name + " twice", fmt.Appendf(nil, "{%q:null,%s", name, rest), malformed},
		{name + " twice, once escaped", fmt.Appendf(nil, `{"\u%04x%s":null,%s`, name[0], name[1:], rest), malformed},
	}
}
