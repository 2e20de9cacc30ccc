package settings

import "strings"

// Error lists all problems of the settings. Its text holds no secret.
type Error struct {
	Problems []Problem
	// Hint is advice that concerns all problems, or empty.
	Hint string
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
	if e.Hint != "" {
		b.WriteString("\n  (" + e.Hint + ")")
	}
	return b.String()
}
