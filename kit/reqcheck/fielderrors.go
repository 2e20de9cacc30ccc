package reqcheck

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/formats"
	"example.com/plinth/kit/problem"
)

func flatten(err error) []error {
	multi, ok := errors.AsType[openapi3.MultiError](err)
	if !ok {
		return []error{err}
	}
	var flat []error
	for _, each := range multi {
		flat = append(flat, flatten(each)...)
	}
	return flat
}

// Details of several faults.
const (
	detailInvalid  = "Must match the schema in the contract."
	detailRequired = "Is required."
	detailUTF8     = "Must be UTF-8."
	detailOnce     = "Must be sent only once."
)

// unknownMembers returns the members of the closed object at parent that its schema does not
// declare.
func unknownMembers(err *openapi3.SchemaError, parent []string) []problem.FieldError {
	members, _ := err.Value.(map[string]any)
	var found []problem.FieldError
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, known := err.Schema.Properties[name]; known {
			continue
		}
		found = append(found, problem.UnknownMember(append(slices.Clone(parent), name)))
	}
	return found
}

// describe returns the code and the detail of the rule that a value breaks.
func describe(err *openapi3.SchemaError) (code, detail string) {
	schema := err.Schema
	switch err.SchemaField {
	case "required":
		return "required", detailRequired
	case "nullable":
		return "not_nullable", "Must not be null."
	case "type":
		return "invalid_type", "Must be " + article(schema.Type) + "."
	case "minLength":
		return "too_short", fmt.Sprintf("Must have at least %s.", count(schema.MinLength, "character"))
	case "maxLength":
		return "too_long", fmt.Sprintf("Must have at most %s.", count(*schema.MaxLength, "character"))
	case "minimum":
		return "too_small", fmt.Sprintf("Must be at least %v.", *schema.Min)
	case "exclusiveMinimum":
		return "too_small", fmt.Sprintf("Must be more than %v.", *schema.Min)
	case "maximum":
		return "too_large", fmt.Sprintf("Must be at most %v.", *schema.Max)
	case "exclusiveMaximum":
		return "too_large", fmt.Sprintf("Must be less than %v.", *schema.Max)
	case "minItems":
		return "too_few_items", fmt.Sprintf("Must have at least %s.", count(schema.MinItems, "item"))
	case "maxItems":
		return "too_many_items", fmt.Sprintf("Must have at most %s.", count(*schema.MaxItems, "item"))
	case "maxProperties":
		return "too_many_members", fmt.Sprintf("Must have at most %s.", count(*schema.MaxProps, "member"))
	case "minProperties":
		return "too_few_members", fmt.Sprintf("Must have at least %s.", count(schema.MinProps, "member"))
	case "pattern", "format":
		if number, isNumber := err.Value.(float64); isNumber {
			return integerDetail(number)
		}
		return "invalid_format", formatDetail(schema)
	case "enum":
		return "not_allowed", "Must be one of the values in the contract."
	case "readOnly":
		return "invalid", "Must be left out: the service sets it."
	case "discriminator":
		return "not_allowed", "Must have " + schema.Discriminator.PropertyName + ", with one of the values in " +
			"the contract."
	default:
		return "invalid", detailInvalid
	}
}

func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func article(types *openapi3.Types) string {
	switch {
	case types.Is(openapi3.TypeObject), types.Is(openapi3.TypeArray), types.Is(openapi3.TypeInteger):
		return "an " + (*types)[0]
	case types != nil && len(*types) == 1:
		return "a " + (*types)[0]
	default:
		return "of another type"
	}
}

// integerDetail describes an integer outside of the range of its format.
func integerDetail(number float64) (code, detail string) {
	if number < 0 {
		return "too_small", "Must be in the range of its format."
	}
	return "too_large", "Must be in the range of its format."
}

func formatDetail(schema *openapi3.Schema) string {
	format, _ := formats.Of(schema.Format)
	switch {
	case schema.Title != "":
		return "Must be " + schema.Title + "."
	case format.Noun != "":
		return "Must be " + format.Noun + "."
	default:
		return "Must have the form that the contract describes."
	}
}

// fieldError describes a parameter that cannot be read.
func (p *parameter) fieldError(err error) problem.FieldError {
	found := problem.FieldError{In: p.in, Name: p.name, Code: "invalid_format"}
	if at, ok := errors.AsType[memberError](err); ok {
		found.Name = problem.Quotable(at.name)
	}
	wrongType, isOfWrongType := errors.AsType[typeError](err)
	switch {
	case errors.Is(err, errRepeated):
		found.Code, found.Detail = "invalid", detailOnce
	case errors.Is(err, errNotUTF8):
		found.Detail = detailUTF8
	case errors.Is(err, errControlCharacter):
		wrong := problem.ControlCharacter("")
		found.Code, found.Detail = wrong.Code, wrong.Detail
	case isOfWrongType:
		found.Code, found.Detail = "invalid_type", "Must be "+article(typesOf(wrongType.schema))+"."
	case errors.Is(err, errNotJSON):
		found.Detail = "Must be JSON."
	case errors.Is(err, errTooManyParts):
		found.Code, found.Detail = "too_many_items", fmt.Sprintf("Must have at most %s.", count(p.maxParts(), "part"))
	case errors.Is(err, errEnoughFound):
		found.Code, found.Detail = "invalid", detailInvalid
	default:
		found.Detail = "Must be written in the style that the contract describes."
	}
	return found
}

// nameAt returns the name, in the request, of the member at a pointer into the parameter's value.
func (p *parameter) nameAt(pointer string) string {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	switch {
	case pointer == "":
		return p.name
	case p.style == openapi3.SerializationDeepObject:
		return p.name + "[" + strings.Join(steps, "][") + "]"
	case p.isObjectOfParameters():
		return steps[0]
	default:
		return p.name
	}
}
