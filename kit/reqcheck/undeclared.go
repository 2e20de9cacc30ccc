package reqcheck

import (
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// isStrict reports whether every object in a schema sets additionalProperties. Such a schema
// rejects undeclared members itself.
func isStrict(ref *openapi3.SchemaRef) bool {
	strict := true
	_ = ref.WalkSubtree(func(_ string, ref *openapi3.SchemaRef) error {
		additional := ref.Value.AdditionalProperties
		if isObject(ref.Value) && additional.Has == nil && additional.Schema == nil {
			strict = false
		}
		return nil
	})
	return strict
}

func isObject(schema *openapi3.Schema) bool {
	return schema.Type.Is(openapi3.TypeObject) || len(schema.Properties) > 0
}

// undeclared returns the members of a value that no applicable schema declares. Schemas that
// requests share with responses, and the parts of an allOf, are open, but requests may have
// declared members only.
func undeclared(schema *openapi3.Schema, value any) []problem.FieldError {
	var found []problem.FieldError
	findUndeclared(applicable(schema, value), value, nil, &found)
	return found
}

func findUndeclared(schemas []*openapi3.Schema, value any, at []string, found *[]problem.FieldError) {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			findUndeclared(itemSchemas(schemas, item), item, append(at, strconv.Itoa(i)), found)
		}
	case map[string]any:
		if !slices.ContainsFunc(schemas, isObject) {
			return // anything is allowed
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if len(*found) >= problem.MaxFields {
				return
			}
			step := append(slices.Clone(at), name)
			named, open := memberSchemas(schemas, name, value[name])
			switch {
			case len(named) > 0:
				findUndeclared(named, value[name], step, found)
			case !open:
				*found = append(*found, problem.UnknownMember(step))
			}
		}
	}
}

func itemSchemas(schemas []*openapi3.Schema, item any) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, schema := range schemas {
		if schema.Items != nil {
			all = append(all, applicable(schema.Items.Value, item)...)
		}
	}
	return all
}

// memberSchemas returns the schemas of a member and, if there are none, whether a schema allows any
// member.
func memberSchemas(schemas []*openapi3.Schema, name string, value any) (named []*openapi3.Schema, open bool) {
	for _, schema := range schemas {
		additional := schema.AdditionalProperties
		switch property := schema.Properties[name]; {
		case property != nil:
			named = append(named, applicable(property.Value, value)...)
		case additional.Schema != nil:
			named = append(named, applicable(additional.Schema.Value, value)...)
		case additional.Has != nil && *additional.Has:
			open = true
		}
	}
	return named, open
}

// applicable returns a schema and its parts, as far as they apply to the value.
func applicable(schema *openapi3.Schema, value any) []*openapi3.Schema {
	all := []*openapi3.Schema{schema}
	for _, part := range schema.AllOf {
		all = append(all, applicable(part.Value, value)...)
	}
	for _, choice := range slices.Concat(schema.OneOf, schema.AnyOf) {
		if choice.Value.VisitJSON(value, firstError...) == nil {
			all = append(all, applicable(choice.Value, value)...)
		}
	}
	return all
}
