package problem

import (
	"strings"
	"unicode"
)

// MaxFields is how many field errors a response lists.
const MaxFields = 32

// FieldError is a fault of one part of a request: a member of the body at Pointer or, if In is not
// empty, a parameter.
type FieldError struct {
	Pointer  string // RFC 6901; empty for the body as a whole
	In, Name string // of a parameter: path, query, header or cookie, and its name
	Code     string
	Detail   string
}

// Pointer returns the steps of a path as an RFC 6901 pointer. It ends before a step that is too
// long or unprintable, and then points at the parent, so that responses do not echo such names.
func Pointer(path []string) string {
	var b strings.Builder
	for _, step := range path {
		if !isQuotable(step) {
			break
		}
		b.WriteByte('/')
		b.WriteString(pointerEscapes.Replace(step))
	}
	return b.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// Quotable returns a name that a client sent if a response may repeat it, and "" otherwise.
func Quotable(name string) string {
	if !isQuotable(name) {
		return ""
	}
	return name
}

const maxQuotedBytes = 64

func isQuotable(name string) bool {
	return len(name) <= maxQuotedBytes && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Listed returns the field errors that a response lists: each once, and at most MaxFields.
func Listed(fields []FieldError) []FieldError {
	seen := map[FieldError]bool{}
	var listed []FieldError
	for _, field := range fields {
		if !seen[field] && len(listed) < MaxFields {
			seen[field] = true
			listed = append(listed, field)
		}
	}
	return listed
}

// Codes of field errors that several packages report.
const (
	FieldControlCharacter = "control_character"
	FieldTooLarge         = "too_large"
	FieldUnknownMember    = "unknown_member"
)

// ControlCharacter returns the field error of a text with characters that it must not have.
func ControlCharacter(pointer string) FieldError {
	return FieldError{
		Pointer: pointer, Code: FieldControlCharacter,
		Detail: "Must not hold control characters, or invisible ones that change how text is shown.",
	}
}

// UnknownMember returns the field error of a member that the contract does not have.
func UnknownMember(path []string) FieldError {
	return FieldError{Pointer: Pointer(path), Code: FieldUnknownMember, Detail: "The contract has no such member."}
}
