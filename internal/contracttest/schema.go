package contracttest

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
)

// decode reads one JSON text and refuses what encoding/json lets pass: duplicate members and invalid UTF-8.
func decode(text []byte) (any, error) {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("not a JSON text: %w", err)
	}
	return value, nil
}

// decodeText reads the value of a header or parameter as its schema says, lists with commas between items. Text that is not of the schema's type stays
// text, which the schema then refuses.
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
	if err != nil {
		return text
	}
	return value
}

// visit validates value as the contract means it, formats included, and returns all that is wrong.
func visit(schema *openapi3.Schema, value any, as openapi3.SchemaValidationOption) error {
	return schema.VisitJSON(value, as, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(),
		openapi3.WithStringFormatValidators(formats()))
}

// violations says how the value of a response breaks its schema. Objects are closed here: the published contract leaves
// them open so that consumers tolerate new members, but the service may only send members that it has announced.
func violations(schema *openapi3.Schema, value any) []string {
	found := flatten(visit(schema, value, openapi3.VisitAsResponse()))
	for _, pointer := range undeclared(applicable(schema, value), value, "") {
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

// undeclared returns the pointers of the members in value that none of the schemas names.
func undeclared(schemas []*openapi3.Schema, value any, at string) []string {
	var found []string
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			found = append(found, undeclared(itemSchemas(schemas, item), item, at+"/"+strconv.Itoa(i))...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			pointer := at + "/" + pointerEscaper.Replace(name)
			named, open := memberSchemas(schemas, name, value[name])
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

func itemSchemas(schemas []*openapi3.Schema, item any) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, schema := range schemas {
		if schema.Items != nil {
			all = append(all, applicable(schema.Items.Value, item)...)
		}
	}
	return all
}

// memberSchemas returns the schemas of a member, or else whether some schema explicitly allows any member.
func memberSchemas(schemas []*openapi3.Schema, name string, value any) (named []*openapi3.Schema, open bool) {
	for _, schema := range schemas {
		additional := schema.AdditionalProperties
		switch property := schema.Properties[name]; {
		case property != nil:
			named = append(named, applicable(property.Value, value)...)
		case additional.Schema != nil:
			named = append(named, applicable(additional.Schema.Value, value)...)
		case additional.Has != nil && *additional.Has:
			open = true
		}
	}
	return named, open
}

// applicable returns the schema and all that it is composed of for this value.
func applicable(schema *openapi3.Schema, value any) []*openapi3.Schema {
	all := []*openapi3.Schema{schema}
	for _, part := range schema.AllOf {
		all = append(all, applicable(part.Value, value)...)
	}
	for _, choice := range slices.Concat(schema.OneOf, schema.AnyOf) {
		if visit(choice.Value, value, openapi3.VisitAsResponse()) == nil {
			all = append(all, applicable(choice.Value, value)...)
		}
	}
	return all
}

// formats returns the checks of string formats. The validator knows some of them only loosely and some not at all.
func formats() map[string]openapi3.StringFormatValidator {
	return map[string]openapi3.StringFormatValidator{
		"date-time":     openapi3.NewCallbackValidator(checkTime),
		"email":         openapi3.NewCallbackValidator(checkEmail),
		"password":      openapi3.NewCallbackValidator(func(string) error { return nil }),
		"uri-reference": openapi3.NewCallbackValidator(checkURIReference),
	}
}

func checkTime(text string) error {
	if _, err := time.Parse(time.RFC3339Nano, text); err != nil || !strings.HasSuffix(text, "Z") {
		return errors.New("not an RFC 3339 time in UTC")
	}
	return nil
}

func checkEmail(text string) error {
	if address, err := mail.ParseAddress(text); err != nil || address.Address != text {
		return errors.New("not an e-mail address")
	}
	return nil
}

// uriCharacters are those of RFC 3986; url.Parse is more generous.
var uriCharacters = regexp.MustCompile(`^(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$`)

func checkURIReference(text string) error {
	if _, err := url.Parse(text); err != nil || !uriCharacters.MatchString(text) {
		return errors.New("not a URI reference")
	}
	return nil
}
