package httpapi

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// validateValue returns at most problem.MaxFields faults of a decoded body. kin-openapi reports either the first fault or all
// of them, and all may be as many as the body has bytes: it is asked for all only of values that are small.
func validateValue(ctx context.Context, schema *openapi3.Schema, strict bool, value any) ([]problem.FieldError, error) {
	v := valueValidator{ctx: ctx}
	v.visit(schema, value, nil)
	if !strict && !v.enough() {
		v.found = append(v.found, undeclared(schema, value)...)
	}
	return v.found, ctx.Err()
}

type valueValidator struct {
	ctx   context.Context //nolint:containedctx // a validator lives as long as the call that makes it
	found []problem.FieldError
}

// enough reports whether no more faults are needed.
func (v *valueValidator) enough() bool {
	return len(v.found) >= problem.MaxFields || v.ctx.Err() != nil
}

func (v *valueValidator) visit(schema *openapi3.Schema, value any, path []string) {
	if v.enough() {
		return
	}
	err := schema.VisitJSON(value, firstError...)
	if err == nil {
		return
	}
	list, isList := value.([]any)
	object, isObject := value.(map[string]any)
	combines := len(schema.AllOf)+len(schema.OneOf)+len(schema.AnyOf) > 0 || schema.Not != nil
	switch {
	case countValues(value, problem.MaxFields) <= problem.MaxFields:
		v.add(schema.VisitJSON(value, allErrors...), path)
	case isList && schema.Items != nil && !combines:
		v.visitList(schema, list, path)
	case isObject && !combines:
		v.visitObject(schema, object, path)
	default:
		v.add(err, path)
	}
}

// valuesPerCheck is how many values are validated at once before each is looked at alone.
const valuesPerCheck = 32

func (v *valueValidator) visitList(schema *openapi3.Schema, list []any, path []string) {
	own := *schema
	own.Items = nil
	v.add(own.VisitJSON(list, allErrors...), path)
	items := &openapi3.Schema{Type: schema.Type, Items: schema.Items}
	for first := 0; first < len(list) && !v.enough(); first += valuesPerCheck {
		part := list[first:min(first+valuesPerCheck, len(list))]
		if items.VisitJSON(part, firstError...) == nil {
			continue
		}
		for i, item := range part {
			v.visit(schema.Items.Value, item, append(slices.Clone(path), strconv.Itoa(first+i)))
		}
	}
}

func (v *valueValidator) visitObject(schema *openapi3.Schema, object map[string]any, path []string) {
	own := *schema // what it says of its members' names and number
	own.Properties = openapi3.Schemas{}
	for name, property := range schema.Properties {
		own.Properties[name] = &openapi3.SchemaRef{Value: &openapi3.Schema{Nullable: true, ReadOnly: property.Value.ReadOnly}}
	}
	if schema.AdditionalProperties.Schema != nil {
		own.AdditionalProperties = openapi3.BoolSchema{}
	}
	v.add(own.VisitJSON(object, allErrors...), path)
	members := &openapi3.Schema{Properties: schema.Properties, AdditionalProperties: schema.AdditionalProperties}
	members.AdditionalProperties.Has = nil
	for names := range slices.Chunk(slices.Sorted(maps.Keys(object)), valuesPerCheck) {
		part := make(map[string]any, len(names))
		for _, name := range names {
			part[name] = object[name]
		}
		if v.enough() || members.VisitJSON(part, firstError...) == nil {
			continue
		}
		for _, name := range names {
			property := schema.Properties[name]
			if property == nil {
				property = schema.AdditionalProperties.Schema
			}
			if property != nil {
				v.visit(property.Value, object[name], append(slices.Clone(path), name))
			}
		}
	}
}

// countValues counts a value and those in it, up to one more than most.
func countValues(value any, most int) int {
	n := 1
	switch value := value.(type) {
	case []any:
		for i := 0; i < len(value) && n <= most; i++ {
			n += countValues(value[i], most-n)
		}
	case map[string]any:
		for _, member := range value {
			if n > most {
				break
			}
			n += countValues(member, most-n)
		}
	}
	return n
}

// add takes over what kin-openapi found wrong with the value that path leads to. Only the place and the rule are taken from
// it; its texts quote values and patterns.
func (v *valueValidator) add(err error, path []string) {
	if err == nil {
		return
	}
	listed := map[string]bool{} // objects whose unknown members are in found: each member comes with all of the others
	for _, each := range flatten(err) {
		schemaError, ok := errors.AsType[*openapi3.SchemaError](each)
		if !ok {
			v.found = append(v.found, problem.FieldError{Pointer: problem.Pointer(path), Code: "invalid", Detail: "Breaks the contract."})
			continue
		}
		at := slices.Concat(path, schemaError.JSONPointer())
		if schemaError.SchemaField == "properties" {
			if object := problem.Pointer(at); !listed[object] {
				listed[object] = true
				v.found = append(v.found, unknownMembers(schemaError, at)...)
			}
			continue
		}
		code, detail := describe(schemaError)
		v.found = append(v.found, problem.FieldError{Pointer: problem.Pointer(at), Code: code, Detail: detail})
	}
	v.found = v.found[:min(len(v.found), problem.MaxFields)]
}
