package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// Source says where a setting came from.
type Source string

// The sources, the strongest first.
const (
	SourceEnvironment Source = "environment"
	SourceDotEnv      Source = ".env"
	// SourceProgram stands for [Options.Fallbacks].
	SourceProgram Source = "program"
	SourceDefault Source = "default"
)

// Environ returns the variables of the process's environment that the table and the clients of
// PostgreSQL read, and the names of all others with empty values.
func Environ(table any) (map[string]string, error) {
	rows, err := Rows(table)
	if err != nil {
		return nil, err
	}
	names := []string{"PGPASSWORD"}
	for _, row := range rows {
		names = append(names, row.Name)
		if row.Secret {
			names = append(names, row.fileName())
		}
	}
	environ := map[string]string{}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		environ[name] = ""
	}
	return environ, process(names, environ)
}

// process has envconfig read the named variables. Every field is a text, because envconfig stops at
// the first value that it cannot convert, and prints that value, secrets included.
func process(names []string, environ map[string]string) error {
	fields := make([]reflect.StructField, len(names))
	for i, name := range names {
		tag := reflect.StructTag("envconfig:" + strconv.Quote(name))
		fields[i] = reflect.StructField{Name: "F" + strconv.Itoa(i), Type: reflect.TypeFor[*string](), Tag: tag}
	}
	variables := reflect.New(reflect.StructOf(fields))
	if err := envconfig.Process("", variables.Interface()); err != nil {
		return fmt.Errorf("reading the environment: %w", err)
	}
	for i, name := range names {
		if text := variables.Elem().Field(i); !text.IsNil() {
			environ[name] = text.Elem().String()
		}
	}
	return nil
}

// lookup returns the text of a row among variables, or that of the file that NAME_FILE names, and
// whether either is set.
func (r *Reader) lookup(row Row, variables map[string]string) (text string, set bool) {
	text, set = variables[row.Name]
	path := strings.TrimSpace(variables[row.fileName()])
	if !row.Secret || path == "" {
		return text, set
	}
	if text != "" {
		r.Problem(row.fileName(), "is set together with "+row.Name+": set one of them")
		return text, true
	}
	content, err := os.ReadFile(path) //nolint:gosec // G304: the setting names the file
	if err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err // the path may be the secret itself, set by mistake
		}
		r.Problem(row.fileName(), "must be the path of a file with the value: "+err.Error())
		r.Problem(row.Name, "cannot be read from the file that "+row.fileName()+" names")
		return "", true
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r"), true
}

// withPrefix returns the sorted names of the variables that begin with prefix.
func withPrefix(environ map[string]string, prefix string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(environ)), func(name string) bool {
		return !strings.HasPrefix(name, prefix)
	})
}
