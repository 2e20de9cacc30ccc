package httpapi

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/formats"
)

// extensionMultiline marks a text that may hold line breaks and tabs. All others are one line.
const extensionMultiline = "x-multiline"

// checkSchema fails if a value could pass the schema of a request and then not fit the type that was generated from it. A
// number without a format would be a float32, an integer without one may be any. It also fails if the schema says what
// would not be checked.
func checkSchema(ref *openapi3.SchemaRef) error {
	return ref.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
		schema := ref.Value
		_, isMarked := schema.Extensions[extensionMultiline]
		switch {
		case schema.Type.Is(openapi3.TypeNumber) && schema.Format == "":
			return fmt.Errorf("%q: a number needs the format double or float", at)
		case schema.Type.Is(openapi3.TypeInteger) && schema.Format == "":
			return fmt.Errorf("%q: an integer needs the format int32 or int64", at)
		case schema.Type.Is(openapi3.TypeString) && schema.Format == "binary":
			return fmt.Errorf("%q: JSON has no text of the format binary; it has byte", at)
		case isMarked && (!schema.Type.Is(openapi3.TypeString) || !isMultiline(schema)):
			return fmt.Errorf("%q: %s is true, or not there, and on texts only", at, extensionMultiline)
		}
		if err := checkFormat(schema); err != nil {
			return fmt.Errorf("%q: %w", at, err)
		}
		return checkParts(at, schema)
	})
}

// checkFormat fails if nothing would check the format of a schema.
func checkFormat(schema *openapi3.Schema) error {
	if schema.Type == nil || len(*schema.Type) != 1 {
		return formats.Check(formats.String, schema.Format)
	}
	return formats.Check((*schema.Type)[0], schema.Format)
}

// checkParts fails if one part of an allOf refuses the members of another: no object would be right.
func checkParts(at string, schema *openapi3.Schema) error {
	parts := slices.Clone(schema.AllOf)
	if len(parts) > 0 && len(schema.Properties) > 0 {
		own := *schema
		own.AllOf = nil
		parts = append(parts, &openapi3.SchemaRef{Value: &own})
	}
	for _, closed := range parts {
		if has := closed.Value.AdditionalProperties.Has; has == nil || *has {
			continue
		}
		for _, other := range parts {
			for name := range other.Value.Properties {
				if closed.Value.Properties[name] == nil {
					return fmt.Errorf("%q: a part of this allOf has additionalProperties: false and so refuses %q of another part: "+
						"leave it out of the parts, for the service takes only what one of them declares", at, name)
				}
			}
		}
	}
	return nil
}

func isMultiline(schema *openapi3.Schema) bool {
	marked, _ := schema.Extensions[extensionMultiline].(bool)
	return marked
}

// firstError validates up to the first fault, formats included, without putting values into error texts.
var firstError = append([]openapi3.SchemaValidationOption{
	openapi3.VisitAsRequest(), openapi3.EnableFormatValidation(), openapi3.DisableSchemaErrorDetails(),
}, formatOptions()...)

// allErrors validates on after a fault.
var allErrors = append([]openapi3.SchemaValidationOption{openapi3.MultiErrors()}, firstError...)

// formatOptions check formats by the table that server and tests share.
func formatOptions() []openapi3.SchemaValidationOption {
	var options []openapi3.SchemaValidationOption
	for _, name := range formats.Names(formats.String) {
		format, _ := formats.Of(name)
		options = append(options, openapi3.WithStringFormatValidator(name, openapi3.NewCallbackValidator(format.Check)))
	}
	for _, name := range formats.Names(formats.Integer) {
		format, _ := formats.Of(name)
		options = append(options, openapi3.WithIntegerFormatValidator(name, openapi3.NewCallbackValidator(func(number int64) error {
			return format.CheckNumber(float64(number))
		})))
	}
	for _, name := range formats.Names(formats.Number) {
		format, _ := formats.Of(name)
		options = append(options, openapi3.WithNumberFormatValidator(name, openapi3.NewCallbackValidator(format.CheckNumber)))
	}
	return options
}
