package resource

import (
	"regexp"
	"strings"
	"unicode/utf8"
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
			out.WriteString(wrapCode(line, indent) + "\n")
		}
	}
	return []byte(out.String())
}

// wrapCode breaks a line of Go that is too long: it puts what is in one pair of brackets into lines of
// its own, of the last pair at the end of the line if there is one.
func wrapCode(line, indent string) string {
	if width(line) <= codeWidth {
		return line
	}
	open, closing := lastBrackets(line)
	if open < 0 {
		return line
	}
	inner, comma := strings.TrimSpace(line[open+1:closing]), ","
	if strings.HasPrefix(inner, "return ") {
		comma = ""
	}
	return line[:open+1] + "\n" + fill(inner+comma, indent+"\t", ", ") + "\n" + indent + line[closing:]
}

// lastBrackets returns the pair of brackets to break at: a literal at the end of the line, else a call
// there, else the last pair that makes room. open is -1 if there is none.
func lastBrackets(line string) (open, closing int) {
	open, closing = -1, -1
	var opened []int
	best := 0
	for at, char := range line {
		switch {
		case strings.Count(line[:at], `"`)%2 == 1 || strings.Count(line[:at], "`")%2 == 1: // in a text
		case char == '(' || char == '{':
			opened = append(opened, at)
		case (char == ')' || char == '}') && len(opened) > 0:
			first := opened[len(opened)-1]
			opened = opened[:len(opened)-1]
			rank := 1
			if strings.Trim(line[at:], ")}, {") == "" {
				rank = map[rune]int{')': 2, '}': 3}[char]
			}
			if first+1 < at && width(line[:first+1]) <= codeWidth && rank >= best {
				open, closing, best = first, at, rank
			}
		}
	}
	return open, closing
}

// fill breaks a text at separators into lines that are not too long.
func fill(text, indent, separator string) string {
	var lines []string
	line := indent
	for part := range strings.SplitAfterSeq(text, separator) {
		if line != indent && width(line+strings.TrimRight(part, " ")) > codeWidth {
			lines = append(lines, strings.TrimRight(line, " "))
			line = indent
		}
		line += part
	}
	return strings.Join(append(lines, line), "\n")
}

// wrapText breaks lines of YAML, SQL and Markdown that are too long, at spaces. A comment goes on as a
// comment, and what is no member and no item as a text.
func wrapText(text, hanging string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		next := indent + hanging
		switch {
		case strings.HasPrefix(line[len(indent):], "-- "):
			next = indent + "-- "
		case hanging == textHanging && !textItem.MatchString(line):
			next = indent
		}
		for width(line) > codeWidth {
			at := strings.LastIndex(line[:codeWidth+1], " ")
			if hanging == sqlHanging && next != indent+"-- " {
				at = lastKeyWord(line[:codeWidth+1])
			}
			if at <= len(next) {
				break
			}
			out.WriteString(strings.TrimRight(line[:at], " ") + "\n")
			line = next + strings.TrimLeft(line[at:], " ")
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// How far the rest of a line is to the right of its start: in YAML and Markdown, and in SQL.
const (
	textHanging = "  "
	sqlHanging  = "    "
)

var (
	textItem = regexp.MustCompile(`^ *(?:- |"?[\w/{}$-]+"?: )`)
	keyWords = regexp.MustCompile(` (?:ELSE|THEN|ON|CHECK|FOREIGN|REFERENCES|AND|OR|IN|VALUES) `)
)

// lastKeyWord returns the offset of the space before the last key word of SQL, or after the last comma.
func lastKeyWord(line string) int {
	at := strings.LastIndex(line, ", ") + 1
	if all := keyWords.FindAllStringIndex(line, -1); all != nil {
		at = max(at, all[len(all)-1][0])
	}
	return at
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
	return line[:open] + "\n" + fill(line[open:end-1]+",", indent+"\t", ", ") + "\n" + indent + line[end-1:] + "\n"
}

var (
	tsxElement = regexp.MustCompile(`^( *)<(\w+) (.*) />$`)
	tsxImport  = regexp.MustCompile(`^import \{ (.*) \} from (.*)$`)
	tsCall     = regexp.MustCompile(`^( *)(\w+: choice)\((.*)\),$`)
	tsxGuarded = regexp.MustCompile(`^( *)\{(.*) && (<\w+ .* />)\}$`)
	tsxParent  = regexp.MustCompile(`^( *)(<Fact [^>]*>)(.*)(</Fact>)$`)
	tsxChoice  = regexp.MustCompile(`^( *)(\{|cell: \(\{ row \}\) => \()(\S+) \? (<.*>) : (".*")(\},?|\),)$`)
	tsxBadge   = regexp.MustCompile(`^( *)<Badge>\{(.*) \?\? (.*)\}</Badge>$`)
	tsxCell    = regexp.MustCompile(`^( *)(cell: .* => )(<.*>),$`)
	tsObject   = regexp.MustCompile(`^( *)(\w+: \{) (.*) \},$`)
	attribute  = regexp.MustCompile(`\w+(?:="[^"]*"|=\{(?:\{[^}]*\}|[^{}])*\})?`)
)

// wrapTSX breaks elements and imports that are too long, as Biome does.
func wrapTSX(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		out.WriteString(wrapTSXLine(line) + "\n")
	}
	return out.String()
}

func wrapTSXLine(line string) string {
	if utf8.RuneCountInString(line) <= codeWidth {
		return line
	}
	if match := tsxElement.FindStringSubmatch(line); match != nil {
		indent := "\n" + match[1]
		return match[1] + "<" + match[2] + indent + "  " + strings.Join(attribute.FindAllString(match[3], -1), indent+"  ") + indent + "/>"
	}
	if match := tsxGuarded.FindStringSubmatch(line); match != nil {
		return match[1] + "{" + match[2] + " && (\n" + wrapTSXLine(match[1]+"  "+match[3]) + "\n" + match[1] + ")}"
	}
	if match := tsxParent.FindStringSubmatch(line); match != nil {
		return match[1] + match[2] + "\n" + wrapTSXLine(match[1]+"  "+match[3]) + "\n" + match[1] + match[4]
	}
	if match := tsxBadge.FindStringSubmatch(line); match != nil {
		indent, value := "\n"+match[1], "{"+match[2]+" ?? "+match[3]+"}"
		if utf8.RuneCountInString(match[1]+"  "+value) > codeWidth {
			value = "{" + match[2] + " ??" + indent + "    " + match[3] + "}"
		}
		return match[1] + "<Badge>" + indent + "  " + value + indent + "</Badge>"
	}
	if match := tsxImport.FindStringSubmatch(line); match != nil {
		return "import {\n  " + strings.ReplaceAll(match[1], ", ", ",\n  ") + ",\n} from " + match[2]
	}
	if match := tsxChoice.FindStringSubmatch(line); match != nil {
		indent, first := "\n"+match[1], match[2]
		if start, isCell := strings.CutSuffix(first, " ("); isCell { // without the brackets
			indent, first, match[6] = indent+"  ", start+indent+"  ", ","
		}
		return match[1] + first + match[3] + " ? (\n" + wrapTSXLine(indent[1:]+"  "+match[4]) + indent + ") : (" + indent + "  " + match[5] + indent + ")" + match[6]
	}
	if match := tsxCell.FindStringSubmatch(line); match != nil {
		return match[1] + match[2] + "(\n" + wrapTSXLine(match[1]+"  "+match[3]) + "\n" + match[1] + "),"
	}
	if match := tsObject.FindStringSubmatch(line); match != nil {
		indent := "\n" + match[1]
		return match[1] + match[2] + indent + "  " + strings.ReplaceAll(match[3], ", ", ","+indent+"  ") + "," + indent + "},"
	}
	if match := tsCall.FindStringSubmatch(line); match != nil {
		indent := "\n" + match[1]
		return match[1] + match[2] + "(" + indent + "  " + strings.ReplaceAll(match[3], ", ", ","+indent+"  ") + "," + indent + "),"
	}
	return line
}
