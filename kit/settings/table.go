package settings

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Environment says how strict the program is.
type Environment string

// The environments. Outside development, placeholder secrets, the CORS origin * and proxies that
// are most of the Internet are refused.
const (
	Development Environment = "development"
	Staging     Environment = "staging"
	Production  Environment = "production"
)

// environmentName is the row that every table must have.
const environmentName = "ENVIRONMENT"

// Row describes a setting.
type Row struct {
	Name string
	// Field is the struct type and the field, such as "Config.Port".
	Field string
	// Section is the heading that the row stands below.
	Section string
	Default string
	// Defaults holds the defaults that differ from Default, by environment.
	Defaults map[Environment]string
	// Required is set if there must be a value, RequiredIf if that depends on another row:
	// "JWT_ALGORITHM=HS256".
	Required   bool
	RequiredIf string
	// Values says what is accepted, such as "a whole number from 1 to 10"; empty means any text.
	Values string
	// Secret rows are redacted, and can be read from a file.
	Secret bool

	tag   reflect.StructTag
	value reflect.Value
}

// Rows lists the rows of a table, which is a pointer to a struct.
func Rows(table any) ([]Row, error) {
	v := reflect.ValueOf(table)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, errors.New("a table of settings must be a pointer to a struct")
	}
	rows := appendRows(nil, v.Elem())
	for i, row := range rows {
		if err := row.check(rows[:i], rows); err != nil {
			return nil, fmt.Errorf("row %s of the settings: %w", row.Name, err)
		}
	}
	if !hasRow(rows, environmentName) {
		return nil, errors.New("a table of settings must have the row " + environmentName)
	}
	return rows, nil
}

func hasRow(rows []Row, name string) bool {
	return slices.ContainsFunc(rows, func(row Row) bool { return row.Name == name })
}

func appendRows(rows []Row, table reflect.Value) []Row {
	for field, value := range table.Fields() {
		name, isRow := field.Tag.Lookup("envconfig")
		switch {
		case isRow:
			rows = append(rows, newRow(rows, name, table.Type().Name()+"."+field.Name, field.Tag, value))
		case (field.IsExported() || field.Anonymous) && value.Kind() == reflect.Struct:
			rows = appendRows(rows, value)
		}
	}
	return rows
}

func newRow(before []Row, name, field string, tag reflect.StructTag, value reflect.Value) Row {
	row := Row{
		Name: name, Field: field, Section: tag.Get("section"), Default: tag.Get("default"),
		Required: tag.Get("required") == "true", RequiredIf: tag.Get("required_if"),
		Defaults: make(map[Environment]string), tag: tag, value: value,
	}
	if row.Section == "" && len(before) > 0 {
		row.Section = before[len(before)-1].Section
	}
	for _, environment := range []Environment{Development, Staging, Production} {
		if text, differs := tag.Lookup(string(environment)); differs {
			row.Defaults[environment] = text
		}
	}
	if value.CanSet() {
		row.Secret, row.Values = isSecret(value) && !isPublic(tag.Get("kind")), row.values()
	}
	return row
}

// isSecret decides by the type whether a value can hold credentials.
func isSecret(value reflect.Value) bool {
	switch value.Interface().(type) {
	case Secret, URL, map[string]Secret:
		return true
	}
	return false
}

// isPublic reports whether a kind of URLs refuses credentials.
func isPublic(kind string) bool { return kind == "endpoint" || kind == "site" }

// check finds mistakes in the table itself.
func (row Row) check(before, all []Row) error {
	kind := row.tag.Get("kind")
	_, isKnown := kinds()[kind]
	other, _, _ := strings.Cut(row.RequiredIf, "=")
	switch {
	case hasRow(before, row.Name):
		return errors.New("the name is used twice")
	case !row.value.CanSet():
		return errors.New("the field is not exported")
	case !isReadable(row.value):
		return errors.New("there is no kind for the type " + row.value.Type().String())
	case kind != "" && !isKnown:
		return errors.New("there is no kind " + kind)
	case kind == "" && row.value.Type() == reflect.TypeFor[URL]():
		return errors.New("a URL needs a kind")
	case other != "" && !hasRow(all, strings.TrimSuffix(other, "!")):
		return errors.New("required_if names no row")
	}
	return nil
}

// DefaultIn returns the default in an environment.
func (row Row) DefaultIn(environment Environment) string {
	if text, differs := row.Defaults[environment]; differs {
		return text
	}
	return row.Default
}

// fileName is the variable that names a file with the value.
func (row Row) fileName() string { return row.Name + "_FILE" }

// bounds splits the tag range: "1..365" or "90..".
func (row Row) bounds() (lowest, highest string) {
	lowest, highest, _ = strings.Cut(row.tag.Get("range"), "..")
	return lowest, highest
}

// rangeText says the range in words, empty if there is none.
func (row Row) rangeText() string {
	lowest, highest := row.bounds()
	switch {
	case lowest == "":
		return ""
	case highest == "":
		return " of at least " + lowest
	}
	return " from " + lowest + " to " + highest
}
