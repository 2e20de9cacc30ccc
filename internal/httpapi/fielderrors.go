package httpapi

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

const (
	codeUnknownMember   = "unknown_member"
	detailUnknownMember = "The contract has no such member."
)

// unknownMembers names the members that the closed object at parent does not have.
func unknownMembers(err *openapi3.SchemaError, parent []string) []problem.FieldError {
	members, _ := err.Value.(map[string]any)
	var found []problem.FieldError
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, known := err.Schema.Properties[name]; known {
			continue
		}
		found = append(found, unknownMember(append(slices.Clone(parent), name)))
	}
	return found
}

func unknownMember(path []string) problem.FieldError {
	return problem.FieldError{Pointer: problem.Pointer(path), Code: codeUnknownMember, Detail: detailUnknownMember}
}

// describe says, in the words of the contract, which rule a value breaks.
func describe(err *openapi3.SchemaError) (code, detail string) {
	schema := err.Schema
	switch err.SchemaField {
	case "required":
		return "required", "Is required."
	case "nullable":
		return "not_nullable", "Must not be null."
	case "type":
		return "invalid_type", "Must be " + article(schema.Type) + "."
	case "minLength":
		return "too_short", fmt.Sprintf("Must have at least %s.", count(schema.MinLength, "character"))
	case "maxLength":
		return "too_long", fmt.Sprintf("Must have at most %s.", count(*schema.MaxLength, "character"))
	case "minimum", "exclusiveMinimum":
		return "too_small", "Is below the least that is allowed."
	case "maximum", "exclusiveMaximum":
		return "too_large", "Is above the most that is allowed."
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
		return "not_allowed", "Is not one of the allowed values."
	case "readOnly":
		return "invalid", "Is set by the service: leave it out."
	case "discriminator":
		return "not_allowed", "Needs " + schema.Discriminator.PropertyName + ", with one of the values in the contract."
	default:
		return "invalid", "Breaks the contract."
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

// integerDetail describes an integer that its format cannot hold.
func integerDetail(number float64) (code, detail string) {
	if number < 0 {
		return "too_small", "Is below the integers that can be kept."
	}
	return "too_large", "Is above the integers that can be kept."
}

func formatDetail(schema *openapi3.Schema) string {
	format, _ := formats.Of(schema.Format)
	switch {
	case schema.Title != "":
		return "Must be " + schema.Title + "."
	case format.Noun != "":
		return "Must be " + format.Noun + "."
	default:
		return "Does not have the form that the contract describes."
	}
}

// complaint describes what is wrong with a parameter that cannot be read.
func (p *parameter) complaint(err error) problem.FieldError {
	found := problem.FieldError{In: p.in, Name: p.name, Code: "invalid_format"}
	if at, ok := errors.AsType[memberError](err); ok {
		found.Name = problem.Quotable(at.name)
	}
	wrongType, isOfWrongType := errors.AsType[typeError](err)
	switch {
	case errors.Is(err, errRepeated):
		found.Code, found.Detail = "invalid", "Must be sent only once."
	case errors.Is(err, errNotUTF8):
		found.Detail = "Must be UTF-8."
	case errors.Is(err, errControlCharacter):
		found.Code, found.Detail = codeControlCharacter, detailControlCharacter
	case isOfWrongType:
		found.Code, found.Detail = "invalid_type", "Must be "+article(typesOf(wrongType.schema))+"."
	case errors.Is(err, errNotJSON):
		found.Detail = "Must be JSON."
	case errors.Is(err, errTooManyParts):
		found.Code, found.Detail = "too_many_items", fmt.Sprintf("Must have at most %s.", count(p.maxParts(), "part"))
	case errors.Is(err, errEnoughFound):
		found.Code, found.Detail = "invalid", "Has too many faults."
	default:
		found.Detail = "Is not written in the style that the contract describes."
	}
	return found
}

// nameAt names a member of the parameter, by a pointer into its value, the way the parameter names it.
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

func unknownParameter(name string) problem.FieldError {
	return problem.FieldError{In: openapi3.ParameterInQuery, Name: problem.Quotable(name), Code: "unknown_parameter", Detail: "The contract has no such parameter."}
}
