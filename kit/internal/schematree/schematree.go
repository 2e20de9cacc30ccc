// Package schematree finds the schemas that apply to a value, to its items and to its members, through
// allOf, oneOf and anyOf.
//
// It must not know whether the value is part of a request or of a response.
package schematree

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Matcher reports whether a value is valid by a schema.
type Matcher func(schema *openapi3.Schema, value any) bool

// Applicable returns the schema and those of its parts and alternatives that apply to a value.
func (m Matcher) Applicable(schema *openapi3.Schema, value any) []*openapi3.Schema {
	all := []*openapi3.Schema{schema}
	for _, part := range schema.AllOf {
		all = append(all, m.Applicable(part.Value, value)...)
	}
	for _, choice := range slices.Concat(schema.OneOf, schema.AnyOf) {
		if m(choice.Value, value) {
			all = append(all, m.Applicable(choice.Value, value)...)
		}
	}
	return all
}

// Items returns the schemas that apply to an item of a list.
func (m Matcher) Items(schemas []*openapi3.Schema, item any) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, schema := range schemas {
		if schema.Items != nil {
			all = append(all, m.Applicable(schema.Items.Value, item)...)
		}
	}
	return all
}

// Members returns the schemas that apply to a member. If there are none, open reports whether a schema
// allows any member.
func (m Matcher) Members(schemas []*openapi3.Schema, name string, value any) (named []*openapi3.Schema, open bool) {
	for _, schema := range schemas {
		additional := schema.AdditionalProperties
		switch property := schema.Properties[name]; {
		case property != nil:
			named = append(named, m.Applicable(property.Value, value)...)
		case additional.Schema != nil:
			named = append(named, m.Applicable(additional.Schema.Value, value)...)
		case additional.Has != nil && *additional.Has:
			open = true
		}
	}
	return named, open
}
