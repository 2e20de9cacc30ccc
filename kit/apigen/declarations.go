package apigen

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// The extensions that [Expand] replaces.
const (
	extensionRoles       = "x-roles"
	extensionRateClasses = "x-rate-classes"
	extensionProblems    = "x-problems"
)

// extensionAllowUnverified marks operations that do not respond with codeUnverified.
const (
	extensionAllowUnverified = "x-allow-unverified"
	codeUnverified           = "email_not_verified"
)

// Problem is an entry of x-problems.
type Problem struct {
	Status     int    `yaml:"status"`
	Title      string `yaml:"title"`
	Detail     string `yaml:"detail"`      // in the example, and the description of its response
	Meaning    string `yaml:"meaning"`     // in the table of codes; the detail without it
	Challenge  string `yaml:"challenge"`   // WWW-Authenticate
	RetryAfter int    `yaml:"retry-after"` // seconds
	Instance   string `yaml:"instance"`    // in the example; the path of the first operation that causes it without it

	code string
}

// rateClass is an entry of x-rate-classes.
type rateClass struct {
	Description string `yaml:"description"`
	Limited     *bool  `yaml:"limited"`

	name string
}

func (c rateClass) isLimited() bool { return c.Limited == nil || *c.Limited }

// declarations are what the root of a contract declares.
type declarations struct {
	roles    []string
	classes  []rateClass
	problems []Problem
}

func declarationsOf(doc yamldoc.Document) (declarations, error) {
	var d declarations
	if err := decode(doc.At(extensionRoles), &d.roles); err != nil {
		return d, fmt.Errorf("%s: %w", extensionRoles, err)
	}
	for name, node := range yamldoc.Members(doc.At(extensionRateClasses)) {
		class := rateClass{name: name}
		if err := decode(node, &class); err != nil {
			return d, fmt.Errorf("%s: %s: %w", extensionRateClasses, name, err)
		}
		d.classes = append(d.classes, class)
	}
	for code, node := range yamldoc.Members(doc.At(extensionProblems)) {
		problem := Problem{code: code}
		if _, err := d.problem(code); err == nil {
			return d, fmt.Errorf("%s has %s twice", extensionProblems, code)
		}
		if err := decode(node, &problem); err != nil {
			return d, fmt.Errorf("%s: %s: %w", extensionProblems, code, err)
		}
		if err := problem.check(); err != nil {
			return d, fmt.Errorf("%s: %s: %w", extensionProblems, code, err)
		}
		d.problems = append(d.problems, problem)
	}
	if len(d.roles) == 0 || len(d.classes) == 0 || len(d.problems) == 0 {
		return d, fmt.Errorf("the root needs %s, %s and %s", extensionRoles, extensionRateClasses, extensionProblems)
	}
	return d, nil
}

// decode refuses members that it does not know, which are misspelled.
func decode(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

func (p Problem) check() error {
	switch {
	case p.Status < http.StatusBadRequest || p.Status > 599:
		return errors.New("needs a status from 400 to 599")
	case p.Title == "" || p.Detail == "":
		return errors.New("needs a title and a detail")
	}
	return nil
}

func (d declarations) problem(code string) (Problem, error) {
	i := slices.IndexFunc(d.problems, func(p Problem) bool { return p.code == code })
	if i < 0 {
		return Problem{}, fmt.Errorf("the code %s is not in %s of the root", code, extensionProblems)
	}
	return d.problems[i], nil
}

// checkRole accepts no role, which public operations have.
func (d declarations) checkRole(name string) error {
	if name != "" && !slices.Contains(d.roles, name) {
		return fmt.Errorf("x-required-role is %q, which is not in %s of the root", name, extensionRoles)
	}
	return nil
}

func (d declarations) class(name string) (rateClass, error) {
	i := slices.IndexFunc(d.classes, func(c rateClass) bool { return c.name == name })
	if i < 0 {
		return rateClass{}, fmt.Errorf("x-rate-class is %q, which is not in %s of the root", name, extensionRateClasses)
	}
	return d.classes[i], nil
}

// componentName returns a code as the name of a component: email_taken is EmailTaken.
func componentName(code string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(code, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}
