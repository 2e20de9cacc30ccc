package resource

import (
	"strconv"
	"strings"

	"example.com/plinth/kit/internal/goname"
)

// Field is a member of a resource.
//
//nolint:recvcheck // only the parser changes a field
type Field struct {
	Name     string // snake case
	Kind     string // a key of kinds
	Nullable bool
	Unique   bool
	Default  *string
	Min, Max int64    // lengths, values, numbers of items; the precision and scale of a decimal
	Bounded  bool     // whether an integer has Min and Max
	Values   []string // of an enum

	of *Resource
}

func (f Field) kind() kind { return kinds()[f.Kind] }

// Type returns the name in Go, such as DueOn.
func (f Field) Type() string { return columnName(f.Name) }

// Words returns the name in prose.
func (f Field) Words() string { return words(f.Name) }

// Var returns the name of a local variable.
func (f Field) Var() string { return lowerCamel(f.Type()) }

// Schema returns the name of the shared schema, such as NoteTitle.
func (f Field) Schema() string { return f.of.Type() + f.Type() }

// IsShared reports whether the schema is a component that requests and responses refer to.
func (f Field) IsShared() bool { return f.kind().shared(f) }

// IsList reports whether the field is a list.
func (f Field) IsList() bool { return f.Kind == kindList }

// IsRef reports whether the field refers to a user.
func (f Field) IsRef() bool { return f.Kind == kindRef }

// IsEnum reports whether the field has values of its own.
func (f Field) IsEnum() bool { return f.Kind == kindEnum }

// IsFilter reports whether the list can be filtered by the field.
func (f Field) IsFilter() bool { return f.kind().isFilter }

// IsRequired reports whether a new resource must have the field.
func (f Field) IsRequired() bool { return !f.Nullable && f.Default == nil && !f.IsEmptyList() }

// IsEmptyList reports whether the field is an empty list unless a new resource has another one.
func (f Field) IsEmptyList() bool { return f.IsList() && !f.Nullable && f.Min == 0 }

// Description returns the description in the contract, a sentence.
func (f Field) Description() string {
	text := f.kind().describe(f)
	if f.Nullable {
		text += "; null if there is none"
	}
	text += "."
	if f.Default != nil && f.IsShared() {
		text += " `" + *f.Default + "` if absent in a new " + f.of.Words() + "."
	}
	if f.Unique {
		text += " Unique" + map[bool]string{true: " among the " + f.of.ManyWords() + " of an account."}[f.of.IsOwned()]
		text = strings.TrimSuffix(text, ".") + "."
	}
	return text
}

// SchemaLines returns the members of the schema in the contract.
func (f Field) SchemaLines() []string {
	lines := f.kind().schema(f)
	lines[0] = "type: " + lines[0]
	if f.Nullable {
		lines = append(lines[:1:1], append([]string{"nullable: true"}, lines[1:]...)...)
	}
	description := "description: " + yamlText(f.Description())
	at := 1
	for at < len(lines) && (lines[at] == "nullable: true" || strings.HasPrefix(lines[at], "format:") ||
		strings.HasPrefix(lines[at], "title:")) {
		at++
	}
	return append(lines[:at:at], append([]string{description}, lines[at:]...)...)
}

// Property returns the lines of the member in a schema of the resource; create is whether it is that
// of new ones.
func (f Field) Property(create bool) []string {
	if f.IsShared() {
		return []string{f.Name + `: {$ref: "#/components/schemas/` + f.Schema() + `"}`}
	}
	if f.IsRef() {
		return []string{f.Name + `: {$ref: "#/components/schemas/ULID"}`}
	}
	lines := f.SchemaLines()
	if create && f.Default != nil {
		lines = append(lines, "default: "+*f.Default)
	}
	for i, line := range lines {
		lines[i] = "  " + line
	}
	return append([]string{f.Name + ":"}, lines...)
}

// FilterLines returns the schema of the parameter that filters by the field.
func (f Field) FilterLines() []string {
	switch {
	case f.IsRef():
		return []string{`schema: {$ref: "#/components/schemas/ULID"}`}
	case f.IsEnum() && !f.Nullable:
		return []string{`schema: {$ref: "#/components/schemas/` + f.Schema() + `"}`}
	case f.IsEnum():
		return []string{"schema: {type: string, enum: [" + strings.Join(f.Values, ", ") + "]}"}
	}
	return []string{"schema: {type: boolean}"}
}

// FilterDescription returns the description of that parameter.
func (f Field) FilterDescription() string {
	switch {
	case f.IsRef():
		return "Only " + f.of.ManyWords() + " with this " + words(strings.TrimSuffix(f.Name, "_id")) + "."
	case f.IsEnum():
		return "Only " + f.of.ManyWords() + " with this " + f.Words() + "."
	}
	return "Only " + f.of.ManyWords() + " for which `" + f.Name + "` has this value."
}

// Column returns the definition of the column.
func (f Field) Column() string {
	column := f.Name + " " + f.SQLType()
	if f.IsRef() {
		column = f.Name + ` text COLLATE "C"`
	}
	if !f.Nullable {
		column += " NOT NULL"
	}
	if f.IsEmptyList() {
		column += " DEFAULT '{}'"
	}
	if f.Default != nil {
		column += " DEFAULT " + f.kind().literal(*f.Default)
	}
	return column
}

// SQLType returns the type of the column.
func (f Field) SQLType() string {
	if f.Kind == kindDecimal {
		return "numeric(" + strconv.FormatInt(f.Min, 10) + ", " + strconv.FormatInt(f.Max, 10) + ")"
	}
	return f.kind().column
}

// Cast returns the type of a parameter.
func (f Field) Cast() string { return f.kind().column }

// Insert returns the value of the column in an INSERT.
func (f Field) Insert() string {
	switch {
	case f.IsEmptyList():
		return "coalesce(sqlc.narg('" + f.Name + "')::text [], '{}')"
	case f.Nullable:
		return "sqlc.narg('" + f.Name + "')"
	}
	return "@" + f.Name
}

// Checks returns the constraints of the column.
func (f Field) Checks() []Constraint {
	var all []Constraint
	for _, check := range f.kind().checks(f) {
		all = append(all, Constraint{f.of.Plural + "_" + f.Name + "_" + check[0], "CHECK (" + check[1] + ")"})
	}
	if f.IsRef() {
		// The account may be deleted.
		action := "CASCADE"
		if f.Nullable {
			action = "SET NULL"
		}
		all = append(all, Constraint{f.ForeignKey(), "FOREIGN KEY (" + f.Name + ") REFERENCES users (id) ON DELETE " + action})
	}
	return all
}

// ForeignKey returns the name of the constraint of a reference.
func (f Field) ForeignKey() string { return f.of.Plural + "_" + f.Name + "_fkey" }

// UniqueKey returns the name of the unique index.
func (f Field) UniqueKey() string { return f.of.Plural + "_" + f.Name + "_key" }

// UniqueOn returns what the unique index covers.
func (f Field) UniqueOn() string {
	column := f.Name
	if f.Kind == kindEmail {
		column = "lower(" + f.Name + ` COLLATE "C")`
	}
	if f.of.IsOwned() {
		column = "user_id, " + column
	}
	return column
}

// Constraint is a named constraint of a table.
type Constraint struct{ Name, Text string }

// DomainType returns the type in the domain, without a pointer.
func (f Field) DomainType() string {
	if f.IsEnum() {
		return f.Schema()
	}
	return f.kind().goType
}

// Member returns the type of the member in the domain.
func (f Field) Member() string {
	if f.Nullable && !f.IsList() {
		return "*" + f.DomainType()
	}
	return f.DomainType()
}

// Change returns the type of the member in a change: nil keeps the field, or clears it if there is a
// Set member.
func (f Field) Change() string {
	if f.IsList() {
		return f.DomainType()
	}
	return "*" + f.DomainType()
}

// Optional returns the type of a value that may be absent.
func (f Field) Optional() string { return "*" + f.DomainType() }

// Remark returns what a comment says about the member, if anything.
func (f Field) Remark() string {
	remark := f.kind().remark
	if f.IsList() && f.Nullable {
		remark = "nil if there is none"
	}
	return remark
}

// Convert returns an expression that converts by a pair of formats: for a value, or for a pointer to
// one.
func convert(formats [2]string, isPointer bool, expression, goType string) string {
	format := formats[0]
	if isPointer {
		format = formats[1]
	}
	format = strings.ReplaceAll(format, "TYPE", goType)
	return strings.ReplaceAll(format, "%s", expression)
}

// ToAPI returns the member of a response.
func (f Field) ToAPI() string {
	return convert(f.kind().toAPI, f.Nullable && !f.IsList(), f.of.Var()+"."+f.Type(), f.Schema())
}

// FromCreate returns the member of a new resource, from a request.
func (f Field) FromCreate() string {
	member := "request.Body." + goname.Of(f.Name)
	if f.Default != nil {
		member = "orDefault(" + member + ", " + f.kind().goLiteral(*f.Default) + ")"
	}
	return convert(f.kind().fromAPI, f.Nullable && !f.IsList(), member, f.Schema())
}

// FromChange returns the member of a change, from a pointer.
func (f Field) FromChange(expression string) string {
	if f.IsList() && f.Nullable {
		return "orDefault(" + expression + ", nil)"
	}
	return convert(f.kind().fromAPI, true, expression, f.Schema())
}

// IsPlain reports whether a pointer of the request is one of the domain.
func (f Field) IsPlain() bool { return f.FromChange("x") == "x" }

// ToRow returns a parameter of a statement, from a pointer.
func (f Field) ToRow(expression string) string {
	if f.IsEnum() {
		return "(*string)(" + expression + ")"
	}
	return expression
}
