package reqcheck

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/formats"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/strictjson"
)

// parameter is a parameter of an operation, in a style that the generated code binds; see
// newParameter.
type parameter struct {
	in, name string
	required bool
	style    string
	explode  bool
	asJSON   bool // its content is application/json
	schema   *openapi3.Schema
	strict   bool // see isStrict
}

// sent holds the parameters of a request.
type sent struct {
	request *http.Request
	path    map[string]string
	query   url.Values
}

// check returns the faults of the parameter in a request. It rewrites the request where generated
// code does not read all forms of a value.
func (p *parameter) check(s sent) []problem.FieldError {
	value, present, err := p.read(s)
	switch {
	case err != nil:
		return []problem.FieldError{p.fieldError(err)}
	case !present && p.required:
		return []problem.FieldError{{In: p.in, Name: p.name, Code: "required", Detail: detailRequired}}
	case !present:
		return nil
	}
	// The only error is that of the context, which ends the request elsewhere.
	found, _ := validateValue(s.request.Context(), p.schema, p.strict, value)
	for i := range found {
		found[i].In, found[i].Name, found[i].Pointer = p.in, p.nameAt(found[i].Pointer), ""
	}
	// One fault of each part is enough.
	slices.SortStableFunc(found, func(a, b problem.FieldError) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(found, func(a, b problem.FieldError) bool { return a.Name == b.Name })
}

// read returns the value with the types of JSON, and whether it was sent.
func (p *parameter) read(s sent) (value any, present bool, err error) {
	if p.style == openapi3.SerializationDeepObject {
		return p.readDeepObject(s.query)
	}
	if p.isObjectOfParameters() {
		return p.readMembers(s.query)
	}
	texts, err := p.texts(s)
	if err != nil || len(texts) == 0 {
		return nil, false, err
	}
	if texts[0] == "" && p.required && p.in != openapi3.ParameterInQuery {
		return nil, false, nil // as in generated code
	}
	if p.asJSON {
		value, err = p.decodeJSON(s, texts[0])
		return value, true, err
	}
	value, err = p.decode(texts)
	return value, true, err
}

// isObjectOfParameters reports whether each member is a query parameter: limit=1&after=2.
func (p *parameter) isObjectOfParameters() bool {
	return p.in == openapi3.ParameterInQuery && p.explode && p.schema.Type.Is(openapi3.TypeObject) && !p.asJSON
}

// queryNames returns the names of the parameter in a query.
func (p *parameter) queryNames() []string {
	switch {
	case p.in != openapi3.ParameterInQuery || p.style == openapi3.SerializationDeepObject:
		return nil
	case p.isObjectOfParameters():
		return slices.Sorted(maps.Keys(p.schema.Properties))
	default:
		return []string{p.name}
	}
}

// texts returns the texts that were sent: at most one, unless the parameter may be repeated.
func (p *parameter) texts(s sent) ([]string, error) {
	var texts []string
	switch p.in {
	case openapi3.ParameterInPath:
		texts = []string{s.path[p.name]}
	case openapi3.ParameterInHeader:
		texts = p.headerTexts(s.request.Header)
	case openapi3.ParameterInCookie:
		for _, cookie := range s.request.CookiesNamed(p.name) {
			texts = append(texts, cookie.Value)
		}
	default:
		texts = s.query[p.name]
	}
	if len(texts) > 1 && (p.in != openapi3.ParameterInQuery || !p.explode || !p.isList()) {
		return nil, errRepeated
	}
	return texts, checkTexts(texts)
}

// headerTexts joins the lines of a list and trims the spaces around its commas (RFC 9110, sections
// 5.3 and 5.6.1). Generated code does neither, so the header is rewritten.
func (p *parameter) headerTexts(header http.Header) []string {
	texts := header.Values(p.name)
	if !p.isList() || p.asJSON || len(texts) == 0 {
		return texts
	}
	joined := strings.Join(texts, ",")
	if p.hasTooManyParts(joined, ",") {
		return []string{joined} // split returns the error
	}
	items := strings.Split(joined, ",")
	for i := range items {
		items[i] = strings.Trim(items[i], " \t")
	}
	texts = []string{strings.Join(items, ",")}
	header[http.CanonicalHeaderKey(p.name)] = texts
	return texts
}

func checkTexts(texts []string) error {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return errNotUTF8
		}
		if strings.ContainsFunc(text, unicode.IsControl) || formats.HasInvisible(text) {
			return errControlCharacter
		}
	}
	return nil
}

func (p *parameter) isList() bool { return p.schema.Type.Is(openapi3.TypeArray) }

// decode reads the texts of a parameter by its schema and style.
func (p *parameter) decode(texts []string) (any, error) {
	switch {
	case p.isList():
		parts := texts
		if p.in != openapi3.ParameterInQuery || !p.explode {
			var err error
			if parts, err = p.split(texts[0]); err != nil {
				return nil, err
			}
		}
		items := make([]any, len(parts))
		for i, part := range parts {
			item, err := scalar(p.schema.Items.Value, part)
			if err != nil {
				return nil, err
			}
			items[i] = item
		}
		return items, nil
	case p.schema.Type.Is(openapi3.TypeObject):
		return p.decodeMembers(texts[0])
	case p.style == openapi3.SerializationLabel, p.style == openapi3.SerializationMatrix:
		parts, err := p.split(texts[0])
		if err != nil || len(parts) != 1 {
			return nil, errStyle
		}
		return scalar(p.schema, parts[0])
	default:
		return scalar(p.schema, texts[0])
	}
}

// split returns the parts of a parameter: .1.2 or ;n=1;n=2 or 1,2 or 1|2.
func (p *parameter) split(text string) ([]string, error) {
	prefix := p.prefix()
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, errStyle
	}
	if p.hasTooManyParts(rest, p.delimiter()) {
		return nil, errTooManyParts
	}
	parts := strings.Split(rest, p.delimiter())
	if p.style == openapi3.SerializationMatrix && p.explode && !p.schema.Type.Is(openapi3.TypeObject) {
		for i := range parts {
			if parts[i], ok = strings.CutPrefix(parts[i], p.name+"="); !ok {
				return nil, errStyle
			}
		}
	}
	return parts, nil
}

// prefix returns what the text of the parameter begins with.
func (p *parameter) prefix() string {
	switch {
	case p.style == openapi3.SerializationLabel:
		return "."
	case p.style == openapi3.SerializationMatrix && p.explode:
		return ";"
	case p.style == openapi3.SerializationMatrix:
		return ";" + p.name + "="
	default:
		return ""
	}
}

// delimiter returns what separates the parts of the parameter.
func (p *parameter) delimiter() string {
	switch {
	case p.style == openapi3.SerializationSpaceDelimited:
		return " "
	case p.style == openapi3.SerializationPipeDelimited:
		return "|"
	case p.style == openapi3.SerializationLabel && p.explode:
		return "."
	case p.style == openapi3.SerializationMatrix && p.explode:
		return ";"
	default:
		return ","
	}
}

// decodeMembers reads an object in one text: a=1,b=2 if it is exploded, otherwise a,1,b,2.
func (p *parameter) decodeMembers(text string) (any, error) {
	parts, err := p.split(text)
	if err != nil {
		return nil, err
	}
	if !p.explode {
		if len(parts)%2 != 0 {
			return nil, errStyle
		}
		for i := 0; i < len(parts); i += 2 {
			parts[i/2] = parts[i] + "=" + parts[i+1]
		}
		parts = parts[:len(parts)/2]
	}
	members := map[string]any{}
	for _, part := range parts {
		name, text, ok := strings.Cut(part, "=")
		if _, twice := members[name]; !ok || twice || strings.Contains(text, "=") {
			return nil, errStyle
		}
		if members[name], err = member(p.schema, name, text); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// readMembers reads an object whose members are query parameters.
func (p *parameter) readMembers(query url.Values) (value any, present bool, err error) {
	members := map[string]any{}
	for name := range p.schema.Properties {
		texts := query[name]
		switch {
		case len(texts) == 0:
			continue
		case len(texts) > 1:
			return nil, true, memberError{name, errRepeated}
		}
		if err := checkTexts(texts); err != nil {
			return nil, true, memberError{name, err}
		}
		if members[name], err = member(p.schema, name, texts[0]); err != nil {
			return nil, true, memberError{name, err}
		}
	}
	return members, len(members) > 0, nil
}

// member reads a member of an object. An undeclared one stays a text, which the schema rejects.
func member(object *openapi3.Schema, name, text string) (any, error) {
	if property := object.Properties[name]; property != nil {
		return scalar(property.Value, text)
	}
	return text, nil
}

// jsonNumber is a number as JSON writes it (RFC 8259, section 6).
var jsonNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)

// scalar reads a string, or a number or a boolean as JSON writes them: not 010, +1, or 1 for true.
func scalar(schema *openapi3.Schema, text string) (any, error) {
	types := typesOf(schema)
	switch {
	case types.Is(openapi3.TypeBoolean):
		if text != "true" && text != "false" {
			return nil, typeError{schema}
		}
		return text == "true", nil
	case types.Is(openapi3.TypeInteger):
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || strconv.FormatInt(number, 10) != text {
			return nil, typeError{schema}
		}
		return number, nil
	case types.Is(openapi3.TypeNumber):
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || !jsonNumber.MatchString(text) {
			return nil, typeError{schema}
		}
		return number, nil
	default:
		return text, nil
	}
}

// typesOf returns the type of a schema, or of its parts.
func typesOf(schema *openapi3.Schema) *openapi3.Types {
	if schema.Type != nil {
		return schema.Type
	}
	for _, part := range schema.AllOf {
		if types := typesOf(part.Value); types != nil {
			return types
		}
	}
	return nil
}

// decodeJSON reads a parameter that is JSON, and rewrites it in the request for encoding/json,
// which generated code uses: it does not decode 1e3 to an integer.
func (p *parameter) decodeJSON(s sent, text string) (any, error) {
	body, err := strictjson.Decode(s.request.Context(), []byte(text), p.schema)
	has := func(code string) bool {
		return slices.ContainsFunc(body.Found, func(f problem.FieldError) bool { return f.Code == code })
	}
	switch {
	case err != nil, has(problem.FieldTooLarge):
		return nil, errNotJSON
	case has(problem.FieldControlCharacter):
		return nil, errControlCharacter
	case !body.Complete:
		return nil, errEnoughFound
	}
	canonical, err := json.Marshal(body.Value)
	if err != nil {
		return nil, errNotJSON
	}
	if p.in == openapi3.ParameterInHeader {
		s.request.Header.Set(p.name, string(canonical))
	} else {
		s.query.Set(p.name, string(canonical))
	}
	return body.Value, nil
}

// Faults of a parameter that its schema does not describe.
var (
	errRepeated         = errors.New("repeated")
	errNotUTF8          = errors.New("not UTF-8")
	errControlCharacter = errors.New("control character")
	errNotJSON          = errors.New("not written as in JSON")
	errStyle            = errors.New("not written in the style of the parameter")
	errTooManyParts     = errors.New("too many parts")
	errEnoughFound      = errors.New("as many faults as are reported")
)

// typeError is a text that does not have the type of its schema.
type typeError struct{ schema *openapi3.Schema }

func (e typeError) Error() string { return "not " + article(typesOf(e.schema)) }

// memberError is the fault of a member that is a query parameter.
type memberError struct {
	name string
	err  error
}

func (e memberError) Error() string { return fmt.Sprintf("%q: %s", e.name, e.err) }

func (e memberError) Unwrap() error { return e.err }
