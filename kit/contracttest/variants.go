package contracttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// variant is a value at an edge of a schema. The schema decides whether it is valid, unless it has
// a control character.
type variant struct {
	name    string
	value   any
	control bool // invalid for a control character
}

// variants returns values at each edge of the schema and of its parts, each a change of value.
func (s source) variants(schema *openapi3.Schema, value any) []variant {
	return s.variantsAt(schema, value, 0)
}

func (s source) variantsAt(schema *openapi3.Schema, value any, depth int) []variant {
	all := []variant{
		{name: "null", value: nil},
		{name: "a boolean", value: true},
		{name: "a whole number", value: 7.0},
		{name: "a fraction", value: 1.5},
		{name: "text", value: s.text(12)},
		{name: "an empty list", value: []any{}},
		{name: "an empty object", value: map[string]any{}},
		{name: "anything", value: s.anything(0)},
	}
	for _, option := range schema.Enum {
		all = append(all, variant{name: fmt.Sprintf("option %v", option), value: option})
	}
	switch {
	case schema.Type.Is(openapi3.TypeString):
		all = append(all, s.textVariants(schema)...)
	case schema.Type.Is(openapi3.TypeInteger), schema.Type.Is(openapi3.TypeNumber):
		all = append(all, numberVariants(schema)...)
	}
	if depth == deepest {
		return all
	}
	switch value := value.(type) {
	case []any:
		if schema.Items != nil { // parts of allOf and oneOf may have none
			all = append(all, s.listVariants(schema, value, depth)...)
		}
	case map[string]any:
		all = append(all, s.objectVariants(schema, value, depth)...)
	}
	return all
}

// hugeText is longer than any text should be, but within the limit of a body.
const hugeText = 40 << 10

func (s source) textVariants(schema *openapi3.Schema) []variant {
	base := s.string(schema)
	low, high := lengths(schema)
	all := []variant{
		{name: "empty text", value: ""},
		{name: "blank text", value: strings.Repeat(" ", max(low, 1))},
		{name: "space before", value: " " + base},
		{name: "upper case", value: strings.ToUpper(base)},
		{name: "a homograph", value: strings.ReplaceAll(base, "a", "а")}, // Cyrillic
		{name: "a combining mark after", value: base + "\u0301"},
		{name: "the minimum length", value: s.fit(schema, base, low)},
		{name: "below the minimum length", value: s.fit(schema, base, low-1)},
		{name: "huge", value: strings.Repeat("a", hugeText)},
	}
	if schema.MaxLength != nil {
		all = append(all,
			variant{name: "the maximum length", value: s.fit(schema, base, high)},
			variant{name: "above the maximum length", value: s.fit(schema, base, high+1)})
	}
	multiline, _ := schema.Extensions["x-multiline"].(bool)
	for _, char := range []rune{0, '\a', '\t', '\n', '\r', '\x1b', '\x7f'} {
		refused := !multiline || char != '\t' && char != '\n'
		name := fmt.Sprintf("control character %U", char)
		all = append(all, variant{name: name, value: base + string(char), control: refused})
	}
	return all
}

// fit truncates or pads text to a length in characters, with valid text if possible.
func (s source) fit(schema *openapi3.Schema, text string, length int) string {
	runes := []rune(text)
	if length <= len(runes) {
		return string(runes[:max(length, 0)])
	}
	padded := text + s.text(length-len(runes))
	if visit(schema, padded, openapi3.VisitAsRequest()) == nil {
		return padded
	}
	return text + strings.Repeat("a", length-len(runes))
}

func numberVariants(schema *openapi3.Schema) []variant {
	low, high := bounds(schema)
	return []variant{
		{name: "zero", value: 0.0},
		{name: "minus one", value: -1.0},
		{name: "the minimum", value: low},
		{name: "below the minimum", value: low - 1},
		{name: "the maximum", value: high},
		{name: "above the maximum", value: high + 1},
		{name: "more than 32 bits", value: float64(1 << 32)},
		{name: "more than 64 bits", value: 1e30},
	}
}

func (s source) listVariants(schema *openapi3.Schema, list []any, depth int) []variant {
	items := schema.Items.Value
	counted := func(count int) []any {
		counted := slices.Clone(list[:max(min(count, len(list)), 0)])
		for len(counted) < count {
			counted = append(counted, s.valid(items))
		}
		return counted
	}
	low, high := int(schema.MinItems), itemLimit(schema) //nolint:gosec // lengths in a contract fit
	all := []variant{
		{name: "the minimum of items", value: counted(low)},
		{name: "below the minimum of items", value: counted(low - 1)},
	}
	if schema.MaxItems != nil {
		all = append(all,
			variant{name: "the maximum of items", value: counted(high)},
			variant{name: "above the maximum of items", value: counted(high + 1)})
	}
	one := s.valid(items)
	all = append(all, variant{name: "an item twice", value: []any{one, one}})
	for _, item := range s.variantsAt(items, one, depth+1) {
		all = append(all, variant{name: "item " + item.name, value: []any{item.value}, control: item.control})
	}
	return all
}

func (s source) objectVariants(schema *openapi3.Schema, object map[string]any, depth int) []variant {
	// The other members are drawn anew for each variant, and half of the time only the required
	// ones, so that one invalid value, such as an e-mail that is taken, does not hide all variants.
	fresh := func() map[string]any {
		drawn, ok := s.value(schema, depth).(map[string]any)
		if !ok {
			drawn = maps.Clone(object)
		}
		if s.IntN(2) == 0 {
			maps.DeleteFunc(drawn, func(name string, _ any) bool { return !slices.Contains(schema.Required, name) })
		}
		return drawn
	}
	with := func(name string, value any) map[string]any {
		changed := fresh()
		changed[name] = value
		return changed
	}
	all := []variant{
		{name: "an extra member", value: with("undeclared", "x")},
		{name: "a prototype member", value: with("__proto__", map[string]any{})},
		{name: "a member with an empty name", value: with("", "x")},
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name].Value
		without := fresh()
		delete(without, name)
		all = append(all,
			variant{name: "without " + name, value: without},
			variant{name: "only " + name, value: map[string]any{name: s.valid(property)}},
			variant{name: "another case of " + name, value: with(strings.ToUpper(name), s.valid(property))})
		value, present := object[name]
		if !present || value == nil {
			value = s.valid(property)
		}
		for _, v := range s.variantsAt(property, value, depth+1) {
			all = append(all, variant{name: name + ": " + v.name, value: with(name, v.value), control: v.control})
		}
	}
	return all
}
