package strictjson

import (
	"iter"
	"math"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// place holds the schemas that apply to one value: a schema and the parts of its compositions. It
// tells the decoder what to keep. The decoder drops only what all parts refuse, so that validation
// decides; the zero place allows anything.
type place struct {
	first *openapi3.Schema // separate, to save an allocation without compositions
	rest  []*openapi3.Schema
}

// add returns the place with a schema and its parts. A nil schema adds nothing.
func (p place) add(schema *openapi3.Schema) place {
	switch {
	case schema == nil, p.first == schema, slices.Contains(p.rest, schema):
		return p
	case p.first == nil:
		p.first = schema
	default:
		p.rest = append(p.rest, schema)
	}
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		p = p.add(part.Value)
	}
	return p
}

// schemas returns the schemas that constrain values of a type, without those that only combine
// others.
func (p place) schemas(typ string) iter.Seq[*openapi3.Schema] {
	return func(yield func(*openapi3.Schema) bool) {
		if p.first == nil {
			return
		}
		if constrains(p.first, typ) && !yield(p.first) {
			return
		}
		for _, schema := range p.rest {
			if constrains(schema, typ) && !yield(schema) {
				return
			}
		}
	}
}

func constrains(schema *openapi3.Schema, typ string) bool {
	combines := len(schema.AllOf)+len(schema.OneOf)+len(schema.AnyOf) > 0
	hasOwn := len(schema.Properties) > 0 || schema.Items != nil || schema.MaxItems != nil || schema.MaxProps != nil ||
		schema.AdditionalProperties.Has != nil || schema.AdditionalProperties.Schema != nil
	return schema.Type.Permits(typ) && (hasOwn || !combines)
}

// member returns the place of a member of an object, and whether a schema declares it.
func (p place) member(name string) (inner place, known bool) {
	isFree := true // no schema describes an object
	for schema := range p.schemas(openapi3.TypeObject) {
		isFree = isFree && !isObject(schema)
		allowed, more := schema.AdditionalProperties.Has, schema.AdditionalProperties.Schema
		switch property := schema.Properties[name]; {
		case property != nil:
			inner, known = inner.add(property.Value), true
		case more != nil:
			inner, known = inner.add(more.Value), true
		case allowed != nil && *allowed:
			known = true
		}
	}
	return inner, known || isFree
}

// items returns the place of the items of a list.
func (p place) items() (inner place) {
	for schema := range p.schemas(openapi3.TypeArray) {
		if schema.Items != nil {
			inner = inner.add(schema.Items.Value)
		}
	}
	return inner
}

// maxItems returns how many items a list may have; -1 means that no list is allowed.
func (p place) maxItems() int {
	return p.most(openapi3.TypeArray, func(schema *openapi3.Schema) *uint64 { return schema.MaxItems })
}

// maxMembers returns how many members an object may have; -1 means that no object is allowed.
func (p place) maxMembers() int {
	return p.most(openapi3.TypeObject, func(schema *openapi3.Schema) *uint64 { return schema.MaxProps })
}

func (p place) most(typ string, limit func(*openapi3.Schema) *uint64) int {
	if p.first == nil {
		return math.MaxInt
	}
	most := -1
	for schema := range p.schemas(typ) {
		n := limit(schema)
		if n == nil || *n > math.MaxInt32 {
			return math.MaxInt
		}
		most = max(most, int(*n))
	}
	return most
}

// isPassword reports whether a schema marks the text as a password. Passwords are never shown, and
// may have been set before a character was refused.
func (p place) isPassword() bool {
	isPassword := func(schema *openapi3.Schema) bool { return schema.Format == "password" }
	return p.first != nil && isPassword(p.first) || slices.ContainsFunc(p.rest, isPassword)
}

// isMultiline reports whether a schema marks the text as one of several lines.
func (p place) isMultiline() bool {
	return p.first != nil && IsMultiline(p.first) || slices.ContainsFunc(p.rest, IsMultiline)
}

// ExtensionMultiline marks schemas of texts that may have line breaks and tabs.
const ExtensionMultiline = "x-multiline"

// IsMultiline reports whether a schema itself, without its parts, is marked with
// [ExtensionMultiline].
func IsMultiline(schema *openapi3.Schema) bool {
	marked, _ := schema.Extensions[ExtensionMultiline].(bool)
	return marked
}

func isObject(schema *openapi3.Schema) bool {
	return schema.Type.Is(openapi3.TypeObject) || len(schema.Properties) > 0
}
