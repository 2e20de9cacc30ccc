package httpapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// extensionMultiline marks a text that may hold line breaks and tabs. All others are one line.
const extensionMultiline = "x-multiline"

// checkSchema fails if a value could pass the schema of a request and then not fit the type that was generated from it. A
// number without a format would be a float32, an integer without one may be any.
func checkSchema(ref *openapi3.SchemaRef) error {
	return ref.WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
		schema := ref.Value
		_, isMarked := schema.Extensions[extensionMultiline]
		switch {
		case schema.Type.Is(openapi3.TypeNumber) && schema.Format != "double":
			return fmt.Errorf("%q: a number needs the format double", at)
		case schema.Type.Is(openapi3.TypeInteger) && schema.Format != "int32" && schema.Format != "int64":
			return fmt.Errorf("%q: an integer needs the format int32 or int64", at)
		case schema.Type.Is(openapi3.TypeString) && schema.Format == "binary":
			return fmt.Errorf("%q: JSON has no text of the format binary; it has byte", at)
		case isMarked && (!schema.Type.Is(openapi3.TypeString) || !isMultiline(schema)):
			return fmt.Errorf("%q: %s is true, or not there, and on texts only", at, extensionMultiline)
		}
		return nil
	})
}

func isMultiline(schema *openapi3.Schema) bool {
	marked, _ := schema.Extensions[extensionMultiline].(bool)
	return marked
}

// mayHaveLines reports whether a schema marks the text that these steps lead to.
func mayHaveLines(schema *openapi3.Schema, steps []string) bool {
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		if mayHaveLines(part.Value, steps) {
			return true
		}
	}
	if len(steps) == 0 {
		return isMultiline(schema)
	}
	next := schema.Properties[steps[0]]
	switch {
	case next != nil:
	case schema.Items != nil:
		next = schema.Items
	default:
		next = schema.AdditionalProperties.Schema
	}
	return next != nil && mayHaveLines(next.Value, steps[1:])
}

// schemaOptions validate all of a value, formats included, without putting values into error texts. The formats are as
// strict as the generated types, so that what passes can be bound; kin-openapi knows int32.
var schemaOptions = []openapi3.SchemaValidationOption{
	openapi3.VisitAsRequest(), openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.DisableSchemaErrorDetails(),
	openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
		"byte":      openapi3.NewCallbackValidator(checkBase64),
		"date":      openapi3.NewCallbackValidator(checkDate),
		"date-time": openapi3.NewCallbackValidator(checkTime),
		"uuid":      openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC9562),
	}),
	openapi3.WithIntegerFormatValidators(map[string]openapi3.IntegerFormatValidator{
		"int64": openapi3.NewRangeFormatValidator[int64](-maxInteger, maxInteger),
	}),
}

func checkBase64(text string) error {
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	return err
}

func checkDate(text string) error {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return err
	}
	return checkYear(day)
}

func checkTime(text string) error {
	var instant time.Time
	if err := instant.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	return checkYear(instant.UTC())
}

// checkYear keeps to the years that can be written in four digits everywhere, in UTC too.
func checkYear(t time.Time) error {
	if t.Year() < 1 || t.Year() > 9999 {
		return errors.New("not a year of four digits")
	}
	return nil
}
