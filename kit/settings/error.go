package settings

import "strings"

// Error lists all problems of the settings. Its text holds no secret.
type Error struct {
	Problems []Problem
	// Hints are possible causes, such as misspelled names.
	Hints []string
}

// Problem is what is wrong with one setting, or with one line of a file.
type Problem struct {
	Name string
	// Detail says what is expected and, unless it is secret, what was found.
	Detail string
}

// Error returns a headline and one line for each problem.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("invalid configuration:")
	for _, p := range e.Problems {
		b.WriteString("\n  " + p.Name + ": " + p.Detail)
	}
	for _, hint := range e.Hints {
		b.WriteString("\n  (" + hint + ")")
	}
	return b.String()
}
