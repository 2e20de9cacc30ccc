package contracttest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/formats"
)

// source draws values from schemas; equal seeds draw equal values.
type source struct {
	*rand.Rand

	tb    testing.TB
	known Known
}

func newSource(tb testing.TB, seed uint64) source {
	tb.Helper()
	return source{Rand: rand.New(rand.NewPCG(seed, seed)), tb: tb} //nolint:gosec // repeatable on purpose
}

// deepest bounds the levels of optional members and items, so that values of recursive schemas are
// finite.
const deepest = 2

// valid draws a valid value.
func (s source) valid(schema *openapi3.Schema) any {
	return s.value(schema, 0)
}

// named draws a valid value of a parameter or member; half of them are known values.
func (s source) named(name string, schema *openapi3.Schema, depth int) any {
	if known := s.accepted(name, schema); len(known) > 0 && s.IntN(2) == 0 {
		return known[s.IntN(len(known))]
	}
	return s.value(schema, depth)
}

// accepted returns the known values of a name that are valid.
func (s source) accepted(name string, schema *openapi3.Schema) []any {
	var all []any
	for _, value := range s.known[name] {
		if visit(schema, value, openapi3.VisitAsRequest()) == nil {
			all = append(all, value)
		}
	}
	return all
}

func (s source) value(schema *openapi3.Schema, depth int) any {
	switch {
	case schema.Nullable && s.IntN(8) == 0:
		return nil
	case len(schema.Enum) > 0:
		return schema.Enum[s.IntN(len(schema.Enum))]
	case len(schema.OneOf) > 0:
		return s.value(schema.OneOf[s.IntN(len(schema.OneOf))].Value, depth)
	case len(schema.AnyOf) > 0:
		return s.value(schema.AnyOf[s.IntN(len(schema.AnyOf))].Value, depth)
	case len(schema.AllOf) > 0:
		return s.composed(schema, depth)
	}
	switch {
	case schema.Type.Is(openapi3.TypeString):
		return s.string(schema)
	case schema.Type.Is(openapi3.TypeInteger), schema.Type.Is(openapi3.TypeNumber):
		low, high := bounds(schema)
		return low + float64(s.IntN(int(min(high-low, 1<<30))+1))
	case schema.Type.Is(openapi3.TypeBoolean):
		return s.IntN(2) == 0
	case schema.Type.Is(openapi3.TypeArray):
		return s.array(schema, depth)
	case schema.Type.Is(openapi3.TypeObject):
		return s.object(schema, depth)
	}
	return s.anything(depth)
}

// composed draws a value of each part of allOf and merges objects.
func (s source) composed(schema *openapi3.Schema, depth int) any {
	joined := s.object(schema, depth)
	for _, part := range schema.AllOf {
		object, ok := s.value(part.Value, depth).(map[string]any)
		if !ok {
			return s.value(part.Value, depth)
		}
		maps.Copy(joined, object)
	}
	return joined
}

func (s source) object(schema *openapi3.Schema, depth int) map[string]any {
	object := map[string]any{}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(schema.Properties)), func(name string) bool {
		return schema.Properties[name].Value.ReadOnly
	})
	for _, name := range names {
		if slices.Contains(schema.Required, name) || depth < deepest && s.IntN(2) == 0 {
			object[name] = s.named(name, schema.Properties[name].Value, depth+1)
		}
	}
	for _, name := range names { // minProperties
		if _, drawn := object[name]; !drawn && uint64(len(object)) < schema.MinProps {
			object[name] = s.named(name, schema.Properties[name].Value, depth+1)
		}
	}
	return object
}

func (s source) array(schema *openapi3.Schema, depth int) []any {
	length := int(schema.MinItems) //nolint:gosec // lengths in a contract fit
	if room := itemLimit(schema) - length; room > 0 && depth < deepest {
		length += s.IntN(min(room, 3) + 1)
	}
	items := make([]any, 0, length)
	for range length {
		items = append(items, s.value(schema.Items.Value, depth+1))
	}
	return items
}

// string draws candidates until one is valid: lengths, patterns and formats constrain each other.
func (s source) string(schema *openapi3.Schema) string {
	for range 100 {
		text := s.candidate(schema)
		if visit(schema, text, openapi3.VisitAsRequest()) == nil {
			return text
		}
	}
	if example, ok := schema.Example.(string); ok {
		return example
	}
	described, _ := schema.MarshalJSON() // unreachable: it was unmarshalled
	s.tb.Fatalf("no text for this schema was found: add an example to it: %s", described)
	return ""
}

func (s source) candidate(schema *openapi3.Schema) string {
	low, high := lengths(schema)
	switch {
	case len(schema.Enum) > 0:
		text, _ := schema.Enum[s.IntN(len(schema.Enum))].(string)
		return text
	case schema.Pattern != "":
		text := s.match(schema.Pattern)
		if s.IntN(2) == 0 { // valid if the pattern has no anchor
			text += s.text(s.IntN(min(high-low, 8) + 1))
		}
		return text
	case schema.Format == "date-time":
		return time.Unix(s.Int64N(1<<32), 0).UTC().Format(time.RFC3339)
	case schema.Format == "date":
		return time.Unix(s.Int64N(1<<32), 0).UTC().Format(time.DateOnly)
	case schema.Format == "email":
		return fmt.Sprintf("user%d@example.com", s.IntN(1<<30))
	case schema.Format == "uri", schema.Format == "uri-reference":
		return fmt.Sprintf("https://example.com/%d", s.IntN(1<<30))
	case schema.Format == "uuid":
		return fmt.Sprintf("%08x-0000-4000-8000-%012x", s.Uint32(), s.Uint64()>>16)
	}
	if format, known := formats.Of(schema.Format); known && format.Noun != "" {
		return format.Example
	}
	return s.text(low + s.IntN(min(high-low, 24)+1))
}

// anything draws any JSON value.
func (s source) anything(depth int) any {
	kinds := 7
	if depth >= deepest {
		kinds = 5 // scalars
	}
	switch s.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return s.IntN(2) == 0
	case 2:
		return float64(s.IntN(1<<20)) - 1<<19
	case 3:
		return s.Float64()
	case 4:
		return s.text(s.IntN(12))
	case 5:
		return []any{s.anything(depth + 1), s.anything(depth + 1)}
	}
	return map[string]any{s.text(s.IntN(6)): s.anything(depth + 1), s.text(6): s.anything(depth + 1)}
}

// unbounded replaces an upper bound that the schema lacks.
const unbounded = 1000

func bounds(schema *openapi3.Schema) (low, high float64) {
	high = unbounded
	if schema.Min != nil {
		low, high = *schema.Min, *schema.Min+unbounded
	}
	if schema.Max != nil {
		high = *schema.Max
		low = min(low, high)
	}
	return low, high
}

func lengths(schema *openapi3.Schema) (low, high int) {
	low = int(schema.MinLength) //nolint:gosec // lengths in a contract fit
	if schema.MaxLength == nil {
		return low, low + unbounded
	}
	return low, int(*schema.MaxLength) //nolint:gosec // see above
}

func itemLimit(schema *openapi3.Schema) int {
	if schema.MaxItems == nil {
		return int(schema.MinItems) + unbounded //nolint:gosec // see above
	}
	return int(*schema.MaxItems) //nolint:gosec // see above
}
