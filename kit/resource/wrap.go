package resource

import (
	"regexp"
	"strings"
)

// The longest lines of code and of comments.
const (
	codeWidth    = 120
	commentWidth = 100
)

// wrapLines breaks comments and the heads of functions that are too long.
func wrapLines(text []byte) []byte {
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]; {
		case strings.HasPrefix(line[len(indent):], "// ") && width(line) > commentWidth:
			out.WriteString(wrapComment(line[len(indent)+3:], indent+"// "))
		case failure.MatchString(line) && width(line) > codeWidth-15: // gofmt may align it
			out.WriteString(failure.ReplaceAllString(line, "$1{\n\t\t$2,\n\t}") + "\n")
		case funcHead.MatchString(line) && width(line) > codeWidth:
			out.WriteString(wrapHead(line))
		default:
			out.WriteString(line + "\n")
		}
	}
	return []byte(out.String())
}

// width counts a tab as four columns.
func width(line string) int { return len(line) + 3*strings.Count(line, "\t") }

func wrapComment(text, prefix string) string {
	var out strings.Builder
	line := prefix
	for word := range strings.FieldsSeq(text) {
		if line != prefix && width(line+word) > commentWidth {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
			line = prefix
		}
		line += word + " "
	}
	return out.String() + strings.TrimRight(line, " ") + "\n"
}

var failure = regexp.MustCompile(`^(\t\w+ = &Error)\{(.*)\}$`)

var funcHead = regexp.MustCompile(`^(\t*(?:func (?:\([^)]*\) )?\w+|\w+ := func))\((.*)\) (.*)\{$`)

// wrapHead puts the parameters of a function into a line of their own.
func wrapHead(line string) string {
	indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
	open := len(funcHead.FindStringSubmatch(line)[1]) + 1
	depth, end := 1, open
	for ; depth > 0; end++ {
		switch line[end] {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	return line[:open] + "\n" + indent + "\t" + line[open:end-1] + ",\n" + indent + line[end-1:] + "\n"
}
