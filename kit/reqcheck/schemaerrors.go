package reqcheck

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/problem"
)

// validateValue returns at most problem.MaxFields faults of a decoded value. kin-openapi reports
// either one fault or all, which may be as many as the body has bytes, so it reports all only for
// small values.
func validateValue(ctx context.Context, schema *openapi3.Schema, strict bool, value any) ([]problem.FieldError, error) {
	v := valueValidator{ctx: ctx}
	v.visit(schema, value, nil)
	if !strict && !v.enough() {
		v.found = append(v.found, undeclared(schema, value)...)
	}
	return v.found, ctx.Err()
}

type valueValidator struct {
	ctx   context.Context //nolint:containedctx // a validator lives as long as one call of validateValue
	found []problem.FieldError
}

// enough reports whether validation may stop.
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

// valuesPerCheck is how many values are validated together. If they have a fault, each is validated
// alone.
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
	own := *schema // its rules about the names and the number of members
	own.Properties = openapi3.Schemas{}
	for name, property := range schema.Properties {
		anything := &openapi3.Schema{Nullable: true, ReadOnly: property.Value.ReadOnly}
		own.Properties[name] = &openapi3.SchemaRef{Value: anything}
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

// countValues counts a value and the values in it, up to most+1.
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

// add adds the faults that kin-openapi found in the value at path. It uses only their place and
// rule, because their texts quote values and patterns.
func (v *valueValidator) add(err error, path []string) {
	if err == nil {
		return
	}
	listed := map[string]bool{} // objects with their unknown members: kin-openapi reports all of them for each
	for _, each := range flatten(err) {
		schemaError, ok := errors.AsType[*openapi3.SchemaError](each)
		if !ok {
			v.found = append(v.found, problem.FieldError{
				Pointer: problem.Pointer(path), Code: "invalid", Detail: detailInvalid,
			})
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
