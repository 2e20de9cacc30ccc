package contracttest

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// alphabets are the ranges of random text: common scripts, and characters that break programs that
// count, compare or print bytes. They have no control or format characters, which are invalid.
var alphabets = [][2]rune{
	{' ', '~'}, {' ', '~'}, // ASCII, twice as likely
	{'À', 'ž'},           // Latin
	{'α', 'я'},           // Greek and Cyrillic, with homographs of Latin letters
	{'א', 'ת'},           // right to left
	{'\u0300', '\u036f'}, // combining marks
	{'क', 'ङ'},           // conjuncts
	{'ก', 'ฅ'},           // words without spaces
	{'\ufb00', '\ufb06'}, // ligatures, which normalization decomposes
	{'！', '～'},           // full width
	{'一', '龥'},           // double width
	{'😀', '🙏'},           // outside of the basic plane
	{'가', '관'},           // syllables, which normalization decomposes
}

func (s source) char() rune {
	alphabet := alphabets[s.IntN(len(alphabets))]
	r := s.between(alphabet[0], alphabet[1])
	if !utf8.ValidRune(r) {
		return utf8.RuneError
	}
	return r
}

func (s source) between(low, high rune) rune {
	return low + s.Int32N(high-low+1)
}

func (s source) text(length int) string {
	var b strings.Builder
	for range length {
		b.WriteRune(s.char())
	}
	return b.String()
}

// match returns text for a regular expression (RE2). Anchors and word boundaries are ignored,
// so the text may not match.
func (s source) match(expression string) string {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return "" // unreachable: the contract is valid
	}
	var b strings.Builder
	s.write(&b, parsed)
	return b.String()
}

// moreRepeats bounds the repetitions beyond the minimum where the expression has no maximum.
const moreRepeats = 4

func (s source) write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op { //nolint:exhaustive // the others match empty text
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(s.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(s.char())
	case syntax.OpCapture, syntax.OpConcat:
		for _, part := range re.Sub {
			s.write(b, part)
		}
	case syntax.OpAlternate:
		s.write(b, re.Sub[s.IntN(len(re.Sub))])
	case syntax.OpStar:
		s.repeat(b, re.Sub[0], 0, moreRepeats)
	case syntax.OpPlus:
		s.repeat(b, re.Sub[0], 1, 1+moreRepeats)
	case syntax.OpQuest:
		s.repeat(b, re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 {
			most = re.Min + moreRepeats
		}
		s.repeat(b, re.Sub[0], re.Min, most)
	}
}

func (s source) repeat(b *strings.Builder, re *syntax.Regexp, least, most int) {
	for range least + s.IntN(most-least+1) {
		s.write(b, re)
	}
}

// oneOf returns a character of a class, which is a list of ranges; a printable one if it finds one
// in a few tries.
func (s source) oneOf(class []rune) rune {
	for range 20 {
		r := s.char()
		for bounds := range slices.Chunk(class, 2) {
			if bounds[0] <= r && r <= bounds[1] {
				return r
			}
		}
	}
	for range 20 {
		low := 2 * s.IntN(len(class)/2)
		if r := s.between(class[low], class[low+1]); !unicode.IsControl(r) {
			return r
		}
	}
	return class[0]
}
