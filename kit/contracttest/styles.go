package contracttest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/runtime"
)

// parameter is a parameter with its style, which encodes and decodes its values.
type parameter struct {
	*openapi3.Parameter

	schema *openapi3.Schema
	style  string
	split  bool // lists and objects are one text: not exploded, or outside of the query
	asJSON bool // its content is JSON
}

func newParameter(p *openapi3.Parameter) parameter {
	method, err := p.SerializationMethod()
	if err != nil {
		// Unreachable: the contract is valid.
		method = &openapi3.SerializationMethod{Style: openapi3.SerializationSimple}
	}
	one := parameter{Parameter: p, style: method.Style, split: !method.Explode || p.In != openapi3.ParameterInQuery}
	if p.Schema != nil {
		one.schema = p.Schema.Value
		return one
	}
	for _, media := range p.Content {
		one.schema, one.asJSON = media.Schema.Value, true
	}
	return one
}

// encode encodes a value in the style of the parameter, escaped for its location. It reports false
// for values without such a form: null and nested values in most styles, and empty lists and
// objects, which would be absent parameters.
func (p parameter) encode(value any) (string, bool) {
	if p.asJSON {
		text, err := json.Marshal(value)
		return p.place(string(text)), err == nil
	}
	_, isObject := value.(map[string]any)
	_, isList := value.([]any)
	takesList := p.schema.Type.Is(openapi3.TypeArray)
	if isEmpty(value) || isObject != p.schema.Type.Is(openapi3.TypeObject) || isList && !takesList {
		return "", false
	}
	if takesList && !isList {
		value = []any{value}
	}
	text, err := runtime.StyleParamWithOptions(p.style, p.exploded(), p.Name, value,
		runtime.StyleParamOptions{ParamLocation: p.location()})
	return text, err == nil
}

func (p parameter) exploded() bool { return p.Explode != nil && *p.Explode || !p.split }

func (p parameter) location() runtime.ParamLocation {
	return map[string]runtime.ParamLocation{
		openapi3.ParameterInPath:   runtime.ParamLocationPath,
		openapi3.ParameterInQuery:  runtime.ParamLocationQuery,
		openapi3.ParameterInHeader: runtime.ParamLocationHeader,
		openapi3.ParameterInCookie: runtime.ParamLocationCookie,
	}[p.In]
}

// place escapes JSON text for the location of the parameter.
func (p parameter) place(text string) string {
	switch p.In {
	case openapi3.ParameterInPath:
		return url.PathEscape(text)
	case openapi3.ParameterInQuery:
		return p.Name + "=" + url.QueryEscape(text)
	case openapi3.ParameterInCookie:
		return p.Name + "=" + text
	}
	return text
}

// isEmpty reports whether a value or a part of it is null or empty, and so has no form as a
// parameter.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case []any:
		return len(value) == 0 || slices.ContainsFunc(value, isEmpty)
	case map[string]any:
		for _, member := range value {
			if isEmpty(member) {
				return true
			}
		}
		return len(value) == 0
	}
	return false
}

// accepts reports whether a value is valid after encoding and decoding it in the style of the
// parameter.
func (p parameter) accepts(value any) bool {
	if p.asJSON {
		return visit(p.schema, value, openapi3.VisitAsRequest()) == nil
	}
	read, ok := p.read(p.schema, value)
	return ok && visit(p.schema, read, openapi3.VisitAsRequest()) == nil
}

// read returns a value after encoding and decoding it.
func (p parameter) read(schema *openapi3.Schema, value any) (any, bool) {
	members, isObject := value.(map[string]any)
	switch {
	case schema.Type.Is(openapi3.TypeObject) && isObject:
		read := map[string]any{}
		for name, member := range members {
			property := schema.Properties[name]
			if property == nil {
				property = schema.AdditionalProperties.Schema
			}
			if property == nil {
				return nil, false // undeclared members are invalid even in open schemas
			}
			var ok bool
			if read[name], ok = p.read(property.Value, member); !ok {
				return nil, false
			}
		}
		return read, true
	case schema.Type.Is(openapi3.TypeObject), isObject:
		return nil, false
	case schema.Type.Is(openapi3.TypeArray):
		items := []any{}
		for _, text := range p.texts(value) {
			items = append(items, decodeText(schema.Items.Value, text))
		}
		return items, true
	}
	text, ok := scalar(value)
	isPrefixed := p.style == openapi3.SerializationLabel || p.style == openapi3.SerializationMatrix
	if isPrefixed && strings.Contains(text, p.delimiter()) {
		return nil, false
	}
	return decodeText(schema, text), ok
}

// texts returns the items of a list after encoding and decoding it.
func (p parameter) texts(value any) []string {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i], _ = scalar(item)
	}
	if p.split && p.style != openapi3.SerializationDeepObject {
		texts = strings.Split(strings.Join(texts, p.delimiter()), p.delimiter())
	}
	if p.In == openapi3.ParameterInHeader { // RFC 9110, section 5.6.1
		for i := range texts {
			texts[i] = strings.Trim(texts[i], " \t")
		}
	}
	return texts
}

// delimiter returns the separator of the parts of one text.
func (p parameter) delimiter() string {
	exploded := p.Explode != nil && *p.Explode
	switch {
	case p.style == openapi3.SerializationSpaceDelimited:
		return " "
	case p.style == openapi3.SerializationPipeDelimited:
		return "|"
	case p.style == openapi3.SerializationLabel && exploded:
		return "."
	case p.style == openapi3.SerializationMatrix && exploded:
		return ";"
	}
	return ","
}

// setQuery replaces the parameter in a query.
func (p parameter) setQuery(query url.Values, encoded string) {
	for name := range query {
		if p.owns(name) {
			delete(query, name)
		}
	}
	parsed, _ := url.ParseQuery(strings.ReplaceAll(encoded, ";", "%3B")) // encode wrote it
	maps.Copy(query, parsed)
}

// owns reports whether a name in the query is the parameter or one of its parts.
func (p parameter) owns(name string) bool {
	switch {
	case p.style == openapi3.SerializationDeepObject:
		return strings.HasPrefix(name, p.Name+"[")
	case p.isObjectOfParameters():
		return p.schema.Properties[name] != nil
	}
	return name == p.Name
}

// isObjectOfParameters reports whether each member of the object is a query parameter.
func (p parameter) isObjectOfParameters() bool {
	return p.In == openapi3.ParameterInQuery && !p.split && !p.asJSON && p.style == openapi3.SerializationForm &&
		p.schema.Type.Is(openapi3.TypeObject)
}

// put adds the encoded parameter to the parts of a request.
func (p parameter) put(path *string, query url.Values, header http.Header, encoded string) {
	switch p.In {
	case openapi3.ParameterInPath:
		*path = strings.ReplaceAll(*path, "{"+p.Name+"}", encoded)
	case openapi3.ParameterInQuery:
		p.setQuery(query, encoded)
	case openapi3.ParameterInHeader:
		header.Set(p.Name, encoded)
	case openapi3.ParameterInCookie:
		header.Add("Cookie", encoded)
	}
}

// drawn returns an encoded value of the parameter; half of them are known values.
func (s source) drawn(p parameter) (string, bool) {
	for range 20 { // an empty list has no form
		if text, ok := p.encode(s.named(p.Name, p.schema, 0)); ok {
			return text, true
		}
	}
	return "", false
}
