package apispec

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/goname"
	"example.com/plinth/kit/internal/yamldoc"
)

// goType returns the generated type of a schema, and whether samples can write its values.
func (w *goWriter) goType(schema *yaml.Node) (string, bool) {
	if name := yamldoc.RefName(schema); name != "" && !w.isAlias(schema) {
		return w.client + "." + goname.Of(name), true
	}
	format, isEnum := w.Child(schema, "format").Value, w.Child(schema, "enum") != yamldoc.Missing
	switch w.Child(schema, "type").Value {
	case "string":
		types := map[string]string{"uuid": "uuid.UUID", "date": "openapi_types.Date", "date-time": "time.Time", "byte": "[]byte"}
		return cmp.Or(types[format], "string"), !isEnum && format != "binary" && format != "duration"
	case "integer":
		return cmp.Or(format, "int"), !isEnum
	case "number":
		return map[bool]string{true: "float64", false: "float32"}[format == "double"], !isEnum
	case "boolean":
		return "bool", true
	case "array":
		items, ok := w.goType(w.RawChild(schema, "items"))
		return "[]" + items, ok && !w.isNullable(w.RawChild(schema, "items"))
	case "object":
		values := w.RawChild(schema, "additionalProperties")
		text, ok := w.goType(values)
		return "map[string]" + text, ok && w.Child(schema, "properties") == yamldoc.Missing && !w.isNullable(values)
	}
	return "", false
}

// goValue writes a value of a schema. If typed is false, it may be an untyped constant.
func (w *goWriter) goValue(schema, value *yaml.Node, typed bool) (string, bool) {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if value.Kind == yaml.SequenceNode {
		return w.goList(schema, value)
	}
	if value.Kind == yaml.MappingNode {
		return w.goObject(schema, value)
	}
	text, ok := goScalar(w.Child(schema, "format").Value, value)
	isConstant := text == value.Value || text == strconv.Quote(value.Value)
	if !ok || !isConstant || !typed {
		return text, ok
	}
	name, known := w.goType(schema)
	if name == "string" || name == "bool" || name == "int" {
		return text, known
	}
	return name + "(" + text + ")", known
}

// goScalar writes a text, number or truth value.
func goScalar(format string, value *yaml.Node) (string, bool) {
	switch value.ShortTag() {
	case "!!null":
		return "", false
	case "!!str", "!!timestamp":
	default:
		return value.Value, true
	}
	switch format {
	case "binary", "duration":
		return "", false
	case "uuid":
		return fmt.Sprintf("uuid.MustParse(%q)", value.Value), true
	case "byte":
		content, err := base64.StdEncoding.DecodeString(value.Value)
		return fmt.Sprintf("[]byte(%q)", content), err == nil
	case "date":
		day, err := time.Parse(time.DateOnly, value.Value)
		return "openapi_types.Date{Time: " + goTime(day) + "}", err == nil
	case "date-time":
		instant, err := time.Parse(time.RFC3339Nano, value.Value)
		return goTime(instant), err == nil
	}
	return strconv.Quote(value.Value), true
}

func goTime(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("time.Date(%d, %d, %d, %d, %d, %d, %d, time.UTC)",
		t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
}

func (w *goWriter) goList(schema, value *yaml.Node) (string, bool) {
	resolved := w.Resolve(schema)
	items := w.RawChild(resolved, "items")
	elements, known := w.goType(items)
	name, ok := w.goType(schema)
	if !ok || !known || w.isNullable(items) {
		return "", false
	}
	texts := make([]string, len(value.Content))
	for i, item := range value.Content {
		text, ok := w.goValue(items, item, false)
		if !ok {
			return "", false
		}
		texts[i] = text
		if strings.HasPrefix(text, elements+"{") {
			texts[i] = strings.TrimPrefix(text, elements)
		}
	}
	return name + "{" + strings.Join(texts, ", ") + "}", true
}

// goObject writes a map, or a value of a named type.
func (w *goWriter) goObject(schema, value *yaml.Node) (string, bool) {
	name, ok := w.goType(schema)
	if !ok {
		return "", false
	}
	var texts []string
	if w.isStruct(schema) {
		fields, ok := w.goFields(schema, value)
		for _, field := range fields {
			texts = append(texts, field.name+": "+field.value)
		}
		return name + "{" + strings.Join(texts, ", ") + "}", ok
	}
	values := w.RawChild(w.Resolve(schema), "additionalProperties")
	for key, member := range yamldoc.Members(value) {
		text, ok := w.goValue(values, member, false)
		if _, known := w.goType(values); !ok || !known {
			return "", false
		}
		texts = append(texts, strconv.Quote(key)+": "+text)
	}
	return name + "{" + strings.Join(texts, ", ") + "}", true
}

// goField is a field of a struct in a literal.
type goField struct{ name, value string }

// goFields returns the fields of a struct literal. It fails if a member has no literal, or if the
// value lacks a member that the type requires, such as one that only responses have.
func (w *goWriter) goFields(schema, value *yaml.Node) ([]goField, bool) {
	var fields []goField
	set := map[string]bool{}
	for name, member := range yamldoc.Members(value) {
		property := w.property(schema, name)
		text, ok := w.goMember(property, member, w.requires(schema, name))
		field := goname.Of(name)
		if !ok || property == yamldoc.Missing || set[field] || !plainName.MatchString(name) {
			return nil, false
		}
		set[name], set[field] = true, true
		fields = append(fields, goField{field, text})
	}
	for _, name := range w.required(schema) {
		if !set[name] {
			return nil, false
		}
	}
	return fields, true
}

var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// goMember writes a member, which is a pointer if it may be absent or null. In a PATCH, null
// differs from absent.
func (w *goWriter) goMember(property, value *yaml.Node, required bool) (string, bool) {
	isNull := value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null"
	name, known := w.goType(property)
	nullable, container := w.isNullable(property), strings.HasPrefix(name, "[]") || strings.HasPrefix(name, "map[")
	if yamldoc.RefName(property) != "" && !w.isAlias(property) && !w.isStruct(property) { // such as a list, which may be a pointer or not
		known = known && w.Child(property, "enum") != yamldoc.Missing && !nullable
	}
	switch {
	case nullable && !required && w.method == "PATCH" && isNull:
		return "nullable.NewNullNullable[" + name + "]()", known
	case nullable && !required && w.method == "PATCH":
		text, ok := w.goValue(property, value, true)
		return "nullable.NewNullableWithValue(" + text + ")", ok && known
	case isNull:
		return "nil", required && nullable
	case required && !nullable:
		return w.goValue(property, value, false)
	case container:
		text, ok := w.goValue(property, value, false)
		return text, ok && !nullable
	}
	text, ok := w.goValue(property, value, true)
	return "new(" + text + ")", ok && known
}

// goAnonymous writes an object in the path as a value of its anonymous generated type.
func (w *goWriter) goAnonymous(parameter sampleParameter) (string, bool) {
	object, names := w.Resolve(parameter.schema), []string{}
	for name := range yamldoc.Members(w.Child(object, "properties")) {
		names = append(names, name)
	}
	slices.Sort(names)
	var fields [][2]string
	var tags, values []string
	for _, name := range names {
		property, value := w.property(object, name), w.RawChild(parameter.value, name)
		kind, ok := w.goType(property)
		if w.Child(property, "enum") != yamldoc.Missing && yamldoc.RefName(property) == "" {
			kind, ok = w.client+"."+goname.Of(w.id)+"Params"+goname.Of(parameter.name)+goname.Of(name), true
		}
		text, plain := w.goValue(property, value, false)
		tag := name
		if !w.requires(object, name) {
			text, kind, tag = "new("+kind+"("+text+"))", "*"+kind, name+",omitempty"
		}
		if value != yamldoc.Missing {
			values = append(values, goname.Of(name)+": "+text)
		}
		if !ok || value != yamldoc.Missing && !plain || w.isNullable(property) {
			return "", false
		}
		fields, tags = append(fields, [2]string{goname.Of(name), kind}), append(tags, tag)
	}
	var widths [2]int
	for _, field := range fields {
		widths = [2]int{max(widths[0], len(field[0])), max(widths[1], len(field[1]))}
	}
	var b strings.Builder
	b.WriteString("struct {\n")
	for i, field := range fields {
		fmt.Fprintf(&b, "\t%-*s %-*s `json:%q`\n", widths[0], field[0], widths[1], field[1], tags[i])
	}
	return b.String() + "}{" + strings.Join(values, ", ") + "}", len(fields) > 0
}

// isAlias reports whether the generated type of a named schema is an alias of a basic type.
func (d document) isAlias(schema *yaml.Node) bool {
	kind := d.Child(schema, "type").Value
	isBasic := kind == "string" || kind == "integer" || kind == "number" || kind == "boolean"
	return isBasic && d.Child(schema, "enum") == yamldoc.Missing
}

// isStruct reports whether the generated type of a schema is a struct of its members.
func (d document) isStruct(schema *yaml.Node) bool {
	schema = d.Resolve(schema)
	if d.Child(schema, "oneOf") != yamldoc.Missing || d.Child(schema, "anyOf") != yamldoc.Missing {
		return false
	}
	parts := d.Child(schema, "allOf").Content
	return d.Child(schema, "properties") != yamldoc.Missing ||
		len(parts) > 0 && !slices.ContainsFunc(parts, func(part *yaml.Node) bool { return !d.isStruct(part) })
}

// required are the members that a schema, or a part of it, requires.
func (d document) required(schema *yaml.Node) []string {
	schema = d.Resolve(schema)
	var names []string
	for _, name := range d.Child(schema, "required").Content {
		names = append(names, name.Value)
	}
	for _, part := range d.Child(schema, "allOf").Content {
		names = append(names, d.required(part)...)
	}
	return names
}

func (d document) requires(schema *yaml.Node, name string) bool {
	return slices.Contains(d.required(schema), name)
}

func (d document) isNullable(schema *yaml.Node) bool {
	return d.Child(schema, "nullable").Value == "true"
}

// goQuote writes a text, without escapes if it can be.
func goQuote(text string) string {
	if strings.Contains(text, `"`) && strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}
