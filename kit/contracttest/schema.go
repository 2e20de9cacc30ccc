package contracttest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"

	"example.com/plinth/kit/formats"
	"example.com/plinth/kit/internal/schematree"
)

// decode reads one JSON text. Unlike encoding/json, it rejects duplicate members and invalid UTF-8.
func decode(text []byte) (any, error) {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("not a JSON text: %w", err)
	}
	return value, nil
}

// decodeText decodes the text of a header or parameter by its schema; commas separate the items of
// a list. Text of another type stays text, which violates the schema.
func decodeText(schema *openapi3.Schema, text string) any {
	switch {
	case schema.Type.Is(openapi3.TypeString):
		return text
	case schema.Type.Is(openapi3.TypeArray):
		var items []any
		for part := range strings.SplitSeq(text, ",") {
			items = append(items, decodeText(schema.Items.Value, part))
		}
		return items
	}
	value, err := decode([]byte(text))
	_, isNumber := value.(float64)
	if err != nil || schema.Type.Is(openapi3.TypeInteger) && (!isNumber || !integerForm.MatchString(text)) {
		return text
	}
	return value
}

// integerForm is the form of integers: neither 1e3 nor 1.0.
var integerForm = regexp.MustCompile(`^(?:0|-?[1-9][0-9]*)$`)

// visit validates a value, formats included, and returns all violations.
func visit(schema *openapi3.Schema, value any, as openapi3.SchemaValidationOption) error {
	return visitWith(textFormats(), schema, value, as)
}

func visitWith(
	texts map[string]openapi3.StringFormatValidator,
	schema *openapi3.Schema, value any, as openapi3.SchemaValidationOption,
) error {
	return schema.VisitJSON(value, as, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(),
		openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(texts),
		openapi3.WithIntegerFormatValidators(integerFormats()))
}

// violations returns the violations of the value of a response. Unlike in the contract, objects are
// closed: consumers must tolerate new members, but the service may only send documented ones.
func violations(schema *openapi3.Schema, value any) []string {
	found := flatten(visitWith(responseFormats(), schema, value, openapi3.VisitAsResponse()))
	for _, pointer := range undeclared(schematree.Matcher(matchesResponse).Applicable(schema, value), value, "") {
		found = append(found, fmt.Sprintf("member %s is not in the contract", pointer))
	}
	return found
}

func flatten(err error) []string {
	if err == nil {
		return nil
	}
	var many openapi3.MultiError
	if !errors.As(err, &many) {
		return []string{err.Error()}
	}
	var all []string
	for _, one := range many {
		all = append(all, flatten(one)...)
	}
	return all
}

// undeclared returns the pointers of the members that no schema declares.
func undeclared(schemas []*openapi3.Schema, value any, at string) []string {
	var found []string
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			found = append(found, undeclared(schematree.Matcher(matchesResponse).Items(schemas, item), item, at+"/"+strconv.Itoa(i))...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			pointer := at + "/" + pointerEscaper.Replace(name)
			named, open := schematree.Matcher(matchesResponse).Members(schemas, name, value[name])
			switch {
			case len(named) > 0:
				found = append(found, undeclared(named, value[name], pointer)...)
			case !open:
				found = append(found, pointer)
			}
		}
	}
	return found
}

// pointerEscaper escapes a reference token (RFC 6901, section 3).
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// textFormats returns the validators of string formats.
var textFormats = sync.OnceValue(func() map[string]openapi3.StringFormatValidator {
	checks := map[string]openapi3.StringFormatValidator{}
	for _, name := range formats.Names(formats.String) {
		format, _ := formats.Of(name)
		checks[name] = openapi3.NewCallbackValidator(format.Check)
	}
	return checks
})

// responseFormats returns the validators of string formats in responses.
var responseFormats = sync.OnceValue(func() map[string]openapi3.StringFormatValidator {
	checks := maps.Clone(textFormats())
	checks["date-time"] = openapi3.NewCallbackValidator(checkUTC)
	return checks
})

// integerFormats returns the validators of integer formats. Not all clients read integers above
// 2^53 exactly.
var integerFormats = sync.OnceValue(func() map[string]openapi3.IntegerFormatValidator {
	checks := map[string]openapi3.IntegerFormatValidator{}
	for _, name := range formats.Names(formats.Integer) {
		format, _ := formats.Of(name)
		least, greatest := format.Range()
		checks[name] = openapi3.NewRangeFormatValidator(int64(least), int64(greatest))
	}
	return checks
})

// checkUTC requires the times of responses to be in UTC.
func checkUTC(text string) error {
	if !strings.HasSuffix(text, "Z") {
		return errors.New("not in UTC")
	}
	format, _ := formats.Of("date-time")
	return format.Check(text)
}

// matchesResponse reports whether a value is valid by a schema in a response.
func matchesResponse(schema *openapi3.Schema, value any) bool {
	return visit(schema, value, openapi3.VisitAsResponse()) == nil
}
