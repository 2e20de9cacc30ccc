package settings

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Options says where settings may come from besides the environment. The zero value reads the
// environment alone.
type Options struct {
	// DotEnv is the path of a file of NAME=value lines that is read in development, if it exists.
	// The environment wins.
	DotEnv string
	// Fallbacks are values of the program where neither the environment nor the file has one. They
	// replace the defaults.
	Fallbacks map[string]string
	// Optional names required settings that this program does without.
	Optional []string
	// Foreign are beginnings of names in the environment and the file that other programs read.
	Foreign []string
	// Guessable are words that passwords and secrets must not be made of, such as the name of the
	// service.
	Guessable []string
}

// Reader holds what was read into a table, and collects problems and warnings.
type Reader struct {
	values      []value
	opts        Options
	environment Environment
	// clientPassword is PGPASSWORD, which PostgreSQL's clients send if the URL has no password.
	clientPassword string
	clientNames    []string
	problems       []Problem
	warnings       []Problem
	hints          []string
}

// value is the text of a setting and its source.
type value struct {
	Row

	text   string
	source Source
}

// Read fills the table, a pointer to a struct, from variables such as those of [Environ]. Problems
// of values are those of [Reader.Report]. The error is about the file, an [*Error], or about the
// table.
func Read(table any, environ map[string]string, opts Options) (*Reader, error) {
	rows, err := Rows(table)
	if err != nil {
		return nil, err
	}
	r := &Reader{opts: opts, clientPassword: environ["PGPASSWORD"], clientNames: withPrefix(environ, "PG")}
	var dotEnv map[string]string
	if r.readsDotEnv(environ) {
		if dotEnv, err = readDotEnv(opts.DotEnv); err != nil {
			return nil, err
		}
	}
	if err := r.resolve(rows, environ, dotEnv); err != nil {
		return nil, err
	}
	if env := strings.TrimSpace(dotEnv[environmentName]); env != "" && env != string(Development) {
		r.Problem(environmentName, "is "+show(env)+" in "+opts.DotEnv+", which is read in development only: "+
			"set it in the environment itself")
	}
	for i := range r.values {
		if v := &r.values[i]; v.text != "" && v.Name != environmentName {
			r.assign(v)
		}
	}
	r.requireAll()
	r.warnOfUnknown(environ, dotEnv)
	return r, nil
}

// readsDotEnv decides whether the file is read, which the file itself cannot change: without
// ENVIRONMENT the environment is production, so that a mistake can only make the program stricter.
func (r *Reader) readsDotEnv(environ map[string]string) bool {
	env := strings.TrimSpace(environ[environmentName])
	if env == "" {
		env = r.opts.Fallbacks[environmentName]
	}
	if env == string(Development) {
		return r.opts.DotEnv != ""
	}
	if _, err := os.Stat(r.opts.DotEnv); r.opts.DotEnv != "" && err == nil {
		r.hints = append(r.hints, r.opts.DotEnv+" was not read: that needs ENVIRONMENT=development in the environment "+
			"itself (unset means production)")
	}
	return false
}

// resolve picks the text of each row, the row ENVIRONMENT first, because defaults depend on it.
func (r *Reader) resolve(rows []Row, environ, dotEnv map[string]string) error {
	i := slices.IndexFunc(rows, func(row Row) bool { return row.Name == environmentName })
	r.environment = Production // the strictest, in case the text is no environment
	environment := r.pick(rows[i], environ, dotEnv)
	r.assign(&environment)
	if r.Valid(environmentName) {
		r.environment = Environment(environment.text)
	}
	rows[i].value.SetString(string(r.environment))
	for j, row := range rows {
		if j == i {
			r.values = append(r.values, environment)
			continue
		}
		r.values = append(r.values, r.pick(row, environ, dotEnv))
	}
	for name := range r.opts.Fallbacks {
		if !hasRow(rows, name) {
			return fmt.Errorf("fallback for %s: there is no such setting", name)
		}
	}
	return nil
}

// pick returns the value of a row: from the environment, else from the file, else from the program,
// else the default. An empty value counts as none, but an empty variable hides the one in the file.
func (r *Reader) pick(row Row, environ, dotEnv map[string]string) value {
	v := value{Row: row, text: row.DefaultIn(r.environment), source: SourceDefault}
	if text := r.opts.Fallbacks[row.Name]; text != "" {
		v.text, v.source = text, SourceProgram
	}
	text, set := r.lookup(row, environ)
	source := SourceEnvironment
	if !set {
		text, _ = r.lookup(row, dotEnv)
		source = SourceDotEnv
	}
	if text = r.trim(row, text); text != "" {
		v.text, v.source = text, source
	}
	return v
}

// trim drops white space around values that people type. In secrets it is a problem that is
// reported.
func (r *Reader) trim(row Row, text string) string {
	if row.value.Type() == reflect.TypeFor[Secret]() {
		return text
	}
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, unicode.IsControl) {
		r.Problem(row.Name, "holds a line break or another control character")
		return ""
	}
	return text
}

// requireAll reports required settings that have no value.
func (r *Reader) requireAll() {
	for i := range r.values {
		v := &r.values[i]
		if v.text != "" || slices.Contains(r.opts.Optional, v.Name) || !r.Valid(v.Name) {
			continue
		}
		condition, applies := r.condition(v.RequiredIf)
		if v.Required || applies {
			r.Problem(v.Name, "is required"+condition+": set it to "+v.Values)
		}
	}
}

// condition evaluates the tag required_if, and returns it in words. It does not apply if the other
// row has a problem of its own.
func (r *Reader) condition(tag string) (words string, applies bool) {
	name, want, conditional := strings.Cut(tag, "=")
	if !conditional {
		return "", false
	}
	name, negated := strings.CutSuffix(name, "!")
	text := r.Text(name)
	return " with " + name + "=" + text, r.Valid(name) && (text == want) != negated
}

// Problem records what is wrong with a setting.
func (r *Reader) Problem(name, detail string) {
	r.problems = append(r.problems, Problem{Name: name, Detail: detail})
}

// Wrong records what a setting must be, and what it is unless it can hold credentials.
func (r *Reader) Wrong(name, want string) {
	if v := r.find(name); v != nil {
		r.Problem(name, v.mustBe(want))
	}
}

// Warn records that a setting works and is unsafe.
func (r *Reader) Warn(name, detail string) {
	r.warnings = append(r.warnings, Problem{Name: name, Detail: detail})
}

// Valid reports whether none of the named settings has a problem so far.
func (r *Reader) Valid(names ...string) bool {
	return !slices.ContainsFunc(r.problems, func(problem Problem) bool { return slices.Contains(names, problem.Name) })
}

// Text returns the effective text of a setting that holds no secret.
func (r *Reader) Text(name string) string {
	if v := r.find(name); v != nil && !v.isRedacted() {
		return v.text
	}
	return ""
}

// Default replaces the default of a setting that depends on other settings.
func (r *Reader) Default(name, text string) {
	if v := r.find(name); v != nil && v.source == SourceDefault {
		v.text = text
		r.assign(v)
	}
}

func (r *Reader) find(name string) *value {
	i := slices.IndexFunc(r.values, func(v value) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	return &r.values[i]
}

// strict reports whether the program runs outside development.
func (r *Reader) strict() bool { return r.environment != Development }
