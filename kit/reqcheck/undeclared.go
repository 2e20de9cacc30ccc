package reqcheck

import (
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/internal/schematree"
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
	findUndeclared(schematree.Matcher(matchesRequest).Applicable(schema, value), value, nil, &found)
	return found
}

func findUndeclared(schemas []*openapi3.Schema, value any, at []string, found *[]problem.FieldError) {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			findUndeclared(schematree.Matcher(matchesRequest).Items(schemas, item), item, append(at, strconv.Itoa(i)), found)
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
			named, open := schematree.Matcher(matchesRequest).Members(schemas, name, value[name])
			switch {
			case len(named) > 0:
				findUndeclared(named, value[name], step, found)
			case !open:
				*found = append(*found, problem.UnknownMember(step))
			}
		}
	}
}

// matchesRequest reports whether a value is valid by a schema in a request.
func matchesRequest(schema *openapi3.Schema, value any) bool {
	return schema.VisitJSON(value, firstError...) == nil
}
