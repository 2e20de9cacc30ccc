package reqcheck

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// newParameter reads a parameter of the contract. It returns an error, with a remedy, if generated
// code cannot bind the parameter, or if two values have the same text.
func newParameter(spec *openapi3.Parameter) (*parameter, error) {
	p := &parameter{in: spec.In, name: spec.Name, required: spec.Required}
	ref := spec.Schema
	if ref == nil {
		media := spec.Content[mediaTypeJSON]
		if len(spec.Content) != 1 || media == nil || media.Schema == nil {
			return nil, errors.New("its content can only be " + mediaTypeJSON + ", with a schema; everything " +
				"else is a text: use schema")
		}
		p.asJSON, ref = true, media.Schema
	}
	p.schema = ref.Value
	if err := checkSchema(ref); err != nil {
		return nil, err
	}
	p.strict = isStrict(ref)
	if p.asJSON {
		if p.in == openapi3.ParameterInPath || p.in == openapi3.ParameterInCookie {
			return nil, errors.New("JSON in a path or cookie is not handed over unharmed: put it into the query, " +
				"a header or the body")
		}
		return p, nil
	}
	method, err := spec.SerializationMethod()
	if err != nil {
		return nil, fmt.Errorf("its style: %w", err)
	}
	p.style, p.explode = method.Style, method.Explode
	err = p.checkStyle(spec)
	return p, err
}

// checkStyle returns an error if generated code does not bind the parameter in its style.
func (p *parameter) checkStyle(spec *openapi3.Parameter) error {
	types := typesOf(p.schema)
	isObject, isList := types.Is(openapi3.TypeObject), types.Is(openapi3.TypeArray)
	switch {
	case p.style == openapi3.SerializationDeepObject && !isObject:
		return errors.New("deepObject is for objects: use another style")
	case p.style == openapi3.SerializationDeepObject && (spec.Explode == nil || !*spec.Explode):
		return errors.New("a deepObject is always exploded: set explode: true")
	case p.style == openapi3.SerializationDeepObject:
		return p.checkDeep("", p.schema, nil)
	case isObject && p.explode && p.in == openapi3.ParameterInCookie:
		return errors.New("an exploded object in a cookie cannot be told from other cookies: set explode: false")
	case isObject:
		return p.checkMembers()
	case isList && p.schema.Items == nil:
		return errors.New("a list needs items")
	case isList && p.schema.Items.Value.Nullable:
		return errors.New("null cannot be told from a text here: leave nullable out of the items")
	case isList && p.schema.Items.Value.Format == "byte":
		return errors.New("the generated code does not bind lists of byte: use content: application/json")
	case isList:
		return checkItem("its items", p.schema.Items.Value, p.separators())
	case p.style == openapi3.SerializationSpaceDelimited || p.style == openapi3.SerializationPipeDelimited:
		return fmt.Errorf("%s is for lists and objects: leave style out", p.style)
	case p.prefix() != "" && slices.Contains(formatsOfTypes, p.schema.Format):
		return fmt.Errorf("the generated code does not bind %s in the style %s: leave style "+
			"out", p.schema.Format, p.style)
	}
	return checkItem("", p.schema, p.separators())
}

// separators returns the characters that would split a part of the parameter in two.
func (p *parameter) separators() string {
	types := typesOf(p.schema)
	isPrefixed := p.style == openapi3.SerializationLabel || p.style == openapi3.SerializationMatrix
	switch {
	case types.Is(openapi3.TypeObject):
		return p.delimiter() + "="
	case types.Is(openapi3.TypeArray) && (p.in != openapi3.ParameterInQuery || !p.explode), isPrefixed:
		return p.delimiter()
	default:
		return ""
	}
}

// checkMembers checks objects that are not deep.
func (p *parameter) checkMembers() error {
	if p.schema.AdditionalProperties.Schema != nil || len(p.schema.AllOf) > 0 {
		return errors.New("an object in this style has fixed members of its own: use style: deepObject, or " +
			"content: application/json")
	}
	for name, property := range p.schema.Properties {
		if p.isObjectOfParameters() {
			if err := checkItem(name, property.Value, ""); err != nil {
				return err
			}
			if slices.Contains([]string{"byte", "duration", "uuid"}, property.Value.Format) {
				return fmt.Errorf("%s: the generated code does not bind %s in an exploded object: make it a "+
					"parameter of its own",
					name, property.Value.Format)
			}
			continue
		}
		if !typesOf(property.Value).Is(openapi3.TypeString) {
			return fmt.Errorf("%s: the generated code binds only texts in this style: use style: deepObject, or "+
				"content: application/json", name)
		}
		if err := checkItem(name, property.Value, p.separators()+`"\`); err != nil {
			return err
		}
	}
	return nil
}

// checkItem checks a string, a number or a boolean that is sent as a text without separators.
func checkItem(at string, schema *openapi3.Schema, separators string) error {
	prefix := strings.TrimPrefix(at+": ", ": ")
	types := typesOf(schema)
	isScalar := slices.ContainsFunc([]string{
		openapi3.TypeString, openapi3.TypeNumber, openapi3.TypeInteger, openapi3.TypeBoolean,
	}, types.Is)
	if !isScalar || len(schema.OneOf)+len(schema.AnyOf) > 0 {
		return fmt.Errorf("%sthe generated code binds only texts, numbers and truth values here: use content: "+
			"application/json", prefix)
	}
	for _, separator := range separators {
		if mayHold(schema, separator) {
			return fmt.Errorf("%sa text that holds %q cannot be told from two: add an enum, a format or a "+
				"pattern that rules it out, "+
				"or use style: form with explode: true", prefix, separator)
		}
	}
	return nil
}

// checkDeep checks deep objects, whose parts may be objects and lists.
func (p *parameter) checkDeep(at string, schema *openapi3.Schema, above []*openapi3.Schema) error {
	types := typesOf(schema)
	switch {
	case slices.Contains(above, schema):
		return nil // the schema contains itself
	case len(schema.OneOf)+len(schema.AnyOf)+len(schema.AllOf) > 0:
		return fmt.Errorf("%q: the generated code does not bind allOf, oneOf and anyOf in a deep object: use "+
			"content: application/json", at)
	case types.Is(openapi3.TypeArray) && schema.Items != nil:
		return p.checkDeep(at+"/items", schema.Items.Value, append(above, schema))
	case types.Is(openapi3.TypeObject):
		extra := schema.AdditionalProperties.Schema
		if extra != nil && len(schema.Properties) > 0 {
			return fmt.Errorf("%q: the generated code binds members or a map in a deep object, not both: use "+
				"content: application/json", at)
		}
		if extra != nil {
			return p.checkDeep(at+"/*", extra.Value, append(above, schema))
		}
		for name, property := range schema.Properties {
			if strings.ContainsAny(name, "[]") {
				return fmt.Errorf("%q: a name with brackets cannot be told from two", name)
			}
			if err := p.checkDeep(at+"/"+name, property.Value, append(above, schema)); err != nil {
				return err
			}
		}
		return nil
	case schema.Format == "uuid" || schema.Format == "byte":
		return fmt.Errorf("%q: the generated code does not bind %s in a deep object: use a pattern, or content: "+
			"application/json", at, schema.Format)
	}
	return checkItem(at, schema, "")
}

// mayHold reports whether a value of a schema, as text, may have a character.
func mayHold(schema *openapi3.Schema, r rune) bool {
	for _, part := range schema.AllOf {
		if !mayHold(part.Value, r) {
			return false
		}
	}
	if len(schema.Enum) > 0 {
		return slices.ContainsFunc(schema.Enum, func(value any) bool {
			return strings.ContainsRune(fmt.Sprint(value), r)
		})
	}
	switch types := typesOf(schema); {
	case types.Is(openapi3.TypeBoolean):
		return false
	case types.Is(openapi3.TypeInteger):
		return r == '-'
	case types.Is(openapi3.TypeNumber):
		return strings.ContainsRune("-+.eE", r)
	}
	if characters, known := formatCharacters[schema.Format]; known && !strings.ContainsRune(characters, r) {
		return false
	}
	return schema.Pattern == "" || patternMayHold(schema.Pattern, r)
}

// formatsOfTypes are the formats whose generated type is not string.
var formatsOfTypes = []string{"byte", "date", "date-time", "duration", "uuid"}

// formatCharacters has the separators that a text of a format may have.
var formatCharacters = map[string]string{
	"byte": "=", "date": "", "date-time": ".", "duration": "", "hostname": ".",
	"ipv4": ".", "ipv6": ".", "time": ".", "uuid": "",
}

// patternMayHold reports whether a matching text may have a character. A pattern without ^ and $
// matches parts of a text.
func patternMayHold(pattern string, r rune) bool {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return true
	}
	parsed = parsed.Simplify()
	isAnchored := parsed.Op == syntax.OpConcat && len(parsed.Sub) > 0 &&
		parsed.Sub[0].Op == syntax.OpBeginText && parsed.Sub[len(parsed.Sub)-1].Op == syntax.OpEndText
	return !isAnchored || matchesRune(parsed, r)
}

func matchesRune(pattern *syntax.Regexp, r rune) bool {
	switch pattern.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpLiteral:
		isFolded := pattern.Flags&syntax.FoldCase != 0
		return slices.ContainsFunc(pattern.Rune, func(other rune) bool {
			return other == r || isFolded && unicode.ToLower(other) == unicode.ToLower(r)
		})
	case syntax.OpCharClass:
		for i := 0; i < len(pattern.Rune); i += 2 {
			if pattern.Rune[i] <= r && r <= pattern.Rune[i+1] {
				return true
			}
		}
		return false
	default:
		return slices.ContainsFunc(pattern.Sub, func(sub *syntax.Regexp) bool { return matchesRune(sub, r) })
	}
}
