package reqcheck

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/formats"
	"example.com/plinth/kit/strictjson"
)

// checkSchema returns an error if a valid value might not fit the generated type: a number without
// a format would be a float32, and an integer without one has no bounds. It also returns an error
// for constraints that are not checked.
func checkSchema(ref *openapi3.SchemaRef) error {
	return ref.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
		schema := ref.Value
		_, isMarked := schema.Extensions[strictjson.ExtensionMultiline]
		switch {
		case schema.Type.Is(openapi3.TypeNumber) && schema.Format == "":
			return fmt.Errorf("%q: a number needs the format double or float", at)
		case schema.Type.Is(openapi3.TypeInteger) && schema.Format == "":
			return fmt.Errorf("%q: an integer needs the format int32 or int64", at)
		case schema.Type.Is(openapi3.TypeString) && schema.Format == "binary":
			return fmt.Errorf("%q: JSON has no text of the format binary; it has byte", at)
		case isMarked && (!schema.Type.Is(openapi3.TypeString) || !strictjson.IsMultiline(schema)):
			return fmt.Errorf("%q: %s is true, or not there, and on texts only", at, strictjson.ExtensionMultiline)
		}
		if err := formats.CheckTypes(schema.Type.Slice(), schema.Format); err != nil {
			return fmt.Errorf("%q: %w", at, err)
		}
		return checkParts(at, schema)
	})
}

// checkParts returns an error if one part of an allOf rejects the members of another: no object
// would be valid.
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
					return fmt.Errorf("%q: a part of this allOf has additionalProperties: false and so refuses "+
						"%q of another part: "+
						"leave it out of the parts, for the service takes only what one of them declares", at, name)
				}
			}
		}
	}
	return nil
}

// firstError stops at the first fault. It checks formats, and error texts have no values.
var firstError = append([]openapi3.SchemaValidationOption{
	openapi3.VisitAsRequest(), openapi3.EnableFormatValidation(), openapi3.DisableSchemaErrorDetails(),
}, formatOptions()...)

// allErrors returns all faults.
var allErrors = append([]openapi3.SchemaValidationOption{openapi3.MultiErrors()}, firstError...)

// formatOptions checks formats by the table that server and tests share.
func formatOptions() []openapi3.SchemaValidationOption {
	var options []openapi3.SchemaValidationOption
	for _, name := range formats.Names(formats.String) {
		format, _ := formats.Of(name)
		options = append(options, openapi3.WithStringFormatValidator(name, openapi3.NewCallbackValidator(format.Check)))
	}
	for _, name := range formats.Names(formats.Integer) {
		format, _ := formats.Of(name)
		check := openapi3.NewCallbackValidator(func(number int64) error { return format.CheckNumber(float64(number)) })
		options = append(options, openapi3.WithIntegerFormatValidator(name, check))
	}
	for _, name := range formats.Names(formats.Number) {
		format, _ := formats.Of(name)
		check := openapi3.NewCallbackValidator(format.CheckNumber)
		options = append(options, openapi3.WithNumberFormatValidator(name, check))
	}
	return options
}
