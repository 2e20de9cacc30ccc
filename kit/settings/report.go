package settings

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
)

// Setting is one effective setting, fit to be shown: secrets are redacted.
type Setting struct {
	Name   string
	Value  string
	Source Source
}

// Report shows the effective settings and the warnings. The zero value has none.
type Report struct {
	settings    []Setting
	warnings    []Problem
	clientNames []string
}

// Report returns the report, or an [*Error] with all problems in the order of the table.
func (r *Reader) Report() (Report, error) {
	if len(r.problems) > 0 {
		position := func(p Problem) int {
			return slices.IndexFunc(r.values, func(v value) bool { return p.Name == v.Name || p.Name == v.fileName() })
		}
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return position(a) - position(b) })
		return Report{}, &Error{Problems: r.problems, Hints: r.hints}
	}
	report := Report{warnings: r.warnings, clientNames: r.clientNames}
	for _, v := range r.values {
		report.settings = append(report.settings, Setting{Name: v.Name, Value: v.shown(), Source: v.source})
	}
	return report, nil
}

// isRedacted reports whether the value is shown in part or not at all.
func (v *value) isRedacted() bool {
	isPairs := v.value.Type() == reflect.TypeFor[map[string]string]()
	return isSecret(v.value) || isPairs
}

// shown is the text without what is secret in it.
func (v *value) shown() string {
	switch v.value.Interface().(type) {
	case Secret, map[string]Secret:
		return NewSecret(v.text).String()
	case URL:
		return NewURL(v.text).String()
	case map[string]string:
		return redactPairs(v.text)
	}
	return v.text
}

// Settings returns all settings in the order of the table.
func (r Report) Settings() []Setting { return slices.Clone(r.settings) }

// Warnings are settings that work and are unsafe, and names that look like misspelled settings.
// Their text holds no secret.
func (r Report) Warnings() []Problem { return slices.Clone(r.warnings) }

// Print writes one NAME=value a line, each followed by its source as a comment, and the warnings as
// comments.
func (r Report) Print(w io.Writer) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, s := range r.settings {
		fmt.Fprintf(table, "%s=%s\t# %s\n", s.Name, s.Value, s.Source)
	}
	_ = table.Flush() // into memory
	for _, warning := range r.warnings {
		fmt.Fprintf(&text, "# WARNING %s: %s\n", warning.Name, warning.Detail)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("printing settings: %w", err)
	}
	return nil
}

// Origin names a setting for messages, with its source and the variables that change how a database
// URL is read.
func (r Report) Origin(name string) string {
	i := slices.IndexFunc(r.settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return name
	}
	text := name + " (from " + string(r.settings[i].Source)
	if len(r.clientNames) > 0 {
		text += "; " + strings.Join(r.clientNames, ", ") + " of the environment are read, too"
	}
	return text + ")"
}
