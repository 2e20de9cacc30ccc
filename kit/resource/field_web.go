package resource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What the templates of the web app write for a field.

// Label returns the name of the field for users.
func (f Field) Label() string {
	return label(strings.TrimSuffix(f.Name, "_id")) + map[bool]string{true: " (ID)"}[f.IsRef()]
}

func label(name string) string { return upperFirst(words(name)) }

// isText reports whether inputs have the value as it is in the API.
func (f Field) isText() bool {
	return slices.Contains([]string{kindString, kindText, kindEmail, kindURL, kindDecimal, "date", kindEnum, kindRef}, f.Kind)
}

// mustBeFilled reports whether the input must not be empty.
func (f Field) mustBeFilled() bool {
	canBeEmpty := slices.Contains([]string{kindString, kindText, kindList}, f.Kind) && f.Min == 0
	return !f.Nullable && !canBeEmpty
}

// Reader returns the reader of the search parameter that filters by the field.
func (f Field) Reader() string {
	switch {
	case f.IsRef():
		return "text"
	case f.IsEnum():
		return `choice("` + strings.Join(f.Values, `", "`) + `")`
	}
	return "flag"
}

// value returns an expression of TypeScript for what users see of the field, in JSX unless plain.
func (f Field) value(row string) (expression string, isPlain bool) {
	member := row + "." + f.Name
	element := ""
	switch f.Kind {
	case "bool":
		expression = member + " ? t.yes : t.no"
		if f.Nullable {
			expression = member + ` === null ? "–" : ` + expression
		}
		return expression, true
	case kindList:
		if f.Nullable {
			return member + `?.join(", ") ?? "–"`, true
		}
		return member + `.join(", ") || "–"`, true
	case "date":
		element = "<Day value={" + member + "} />"
	case "time":
		element = "<Time value={" + member + "} />"
	case kindEnum:
		element = fmt.Sprintf("<Badge>{t.%s.values.%s[%s] ?? %s}</Badge>", f.of.Vars(), f.Name, member, member)
	default:
		if f.Nullable {
			member += ` ?? "–"`
		}
		return member, true
	}
	if f.Nullable {
		return member + " ? " + element + ` : "–"`, true
	}
	return element, false
}

// Cell returns what a cell of the table renders.
func (f Field) Cell(row string) string {
	expression, isPlain := f.value(row)
	if isPlain && strings.Contains(expression, " ? ") {
		return "(" + expression + ")"
	}
	if slices.Contains([]string{kindString, kindEmail, kindURL}, f.Kind) {
		return "<span className=\"block truncate\">{" + expression + "}</span>"
	}
	return expression
}

// Child returns the value as the child of an element.
func (f Field) Child(row string) string {
	expression, isPlain := f.value(row)
	if isPlain {
		return "{" + expression + "}"
	}
	return expression
}

// Initial returns the text of the input at first; row may be undefined.
func (f Field) Initial(row string) string {
	member, otherwise := row+"?."+f.Name, `""`
	if f.Default != nil {
		otherwise = strconv.Quote(*f.Default)
	}
	chain := "."
	if f.Nullable {
		chain = "?."
	}
	switch {
	case f.Kind == "bool" && !f.Nullable:
		return member + " ?? " + strings.Trim(strings.ReplaceAll(otherwise, `""`, "false"), `"`)
	case f.Kind == "time":
		return "fromInstant(" + member + ")"
	case f.IsList():
		return "fromList(" + member + ")"
	case f.isText():
		return member + " ?? " + otherwise
	}
	return member + chain + "toString() ?? " + otherwise
}

// isConverted reports whether the text of the input is not the value of the API.
func (f Field) isConverted() bool { return f.Nullable || !f.isText() && f.Kind != "bool" }

// FromInput returns the value of the API.
func (f Field) FromInput() string {
	value := "values." + f.Name
	if f.isText() {
		return value + " || null"
	}
	value = map[string]string{"bool": "toFlag", kindInt32: "toNumber", kindInt64: "toNumber", "time": "toInstant", kindList: "toList"}[f.Kind] + "(" + value + ")"
	switch {
	case f.Nullable:
		return value + " ?? null"
	case f.IsEmptyList():
		return value + " ?? []"
	}
	return value
}

// inputs are the elements of a form by kind, with their attributes.
var inputs = map[string]string{
	kindString: "TextField", kindText: "TextAreaField", kindEmail: `TextField type="email"`, kindURL: `TextField type="url"`,
	kindInt32: `TextField type="number"`, kindInt64: `TextField type="number"`, kindDecimal: `TextField inputMode="decimal"`,
	"date": `TextField type="date"`, "time": `TextField type="datetime-local"`, kindList: "TextAreaField rows={3} hint={t.onePerLine}",
	kindRef: `TextField autoComplete="off" spellCheck={false}`, kindEnum: "SelectField options={TEXTS.values.NAME}",
}

// Input returns the element of the form. texts are those of the page.
func (f Field) Input(texts string) string {
	element := inputs[f.Kind]
	switch {
	case f.Kind == "bool" && f.Nullable:
		element = "SelectField options={{ true: t.yes, false: t.no }}"
	case f.Kind == "bool":
		element = "CheckboxField"
	}
	name, attributes, _ := strings.Cut(element, " ")
	element = fmt.Sprintf(`<%s name=%q label={%s.fields.%s}`, name, f.Name, texts, f.Name)
	if attributes != "" {
		element += " " + strings.NewReplacer("TEXTS", texts, "NAME", f.Name).Replace(attributes)
	}
	if f.mustBeFilled() && f.Kind != "bool" {
		element += " required"
	}
	return element + " />"
}
