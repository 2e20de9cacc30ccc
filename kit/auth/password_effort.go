package auth

import (
	_ "embed" // the blocklist
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// blocklistText holds one lower-case NFKC word per line, of at least minCommonWord code points,
// sorted by bytes. Searches read it in place, so nothing is built at the start. Origin:
// blocklist/NOTICE.md.
//
//go:embed blocklist/passwords.txt
var blocklistText string

// Efforts of the parts of a password. A character that nothing predicts has freeEffort.
const (
	freeEffort     = 2
	commonEffort   = 4 // a common password or word
	contextEffort  = 2 // a word of the account or the app
	sequenceEffort = 3 // abcd, 4321, qwerty
	runEffort      = 3 // aaaa
	repeatEffort   = 2 // a repetition of earlier characters
	yearEffort     = 2

	// minEffort is the effort of eight free characters, or of three common words with separators.
	minEffort = 16

	minCommonWord = 4
	minPart       = 3 // of a sequence, a run or a repetition
)

// sequences hold keyboard rows and the alphabet, which passwords follow forwards and backwards.
var sequences = []string{ //nolint:gochecknoglobals // never changed
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop",
	"azertyuiop", "yxcvbnm", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "!@#$%^&*()_+",
}

// effort estimates the effort to guess a password: the parts that neither the rest of it nor the
// context nor common choices predict. It reads the password as it is, without accents, backwards,
// and as two that alternate (a1b2c3, p a s s), and returns the least effort.
func effort(password string, context []string) int {
	lower := visible(strings.ToLower(password))
	isMark := func(r rune) bool { return unicode.Is(unicode.Mn, r) }
	plain := slices.DeleteFunc([]rune(norm.NFD.String(string(lower))), isMark)
	backwards := slices.Clone(plain)
	slices.Reverse(backwards)
	least := len(lower) * freeEffort
	for _, reading := range [][]rune{lower, plain, backwards, alternating(plain)} {
		least = min(least, newGuesser(reading, context).effort())
	}
	return least
}

// alternating returns the runes at even positions, followed by those at odd positions.
func alternating(text []rune) []rune {
	var first, second []rune
	for i, r := range text {
		if i%2 == 0 {
			first = append(first, r)
		} else {
			second = append(second, r)
		}
	}
	return append(first, second...)
}

// visible removes invisible characters, and replaces all white space by spaces.
func visible(text string) []rune {
	var seen []rune
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			seen = append(seen, ' ')
		case unicode.IsGraphic(r) &&
			!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			seen = append(seen, r)
		}
	}
	return seen
}

// guesser finds the least effort to compose a text.
type guesser struct {
	text    []rune
	leet    [2][]rune // text with digits and signs read as letters
	context []string
	least   []int // effort of the first i runes
}

func newGuesser(text []rune, context []string) *guesser {
	g := &guesser{text: text, context: context, least: make([]int, len(text)+1)}
	for i, one := range []rune{'i', 'l'} {
		for _, r := range text {
			g.leet[i] = append(g.leet[i], leet(r, one))
		}
	}
	for i := range g.least {
		g.least[i] = i * freeEffort
	}
	return g
}

// leet returns the letter that a digit or a sign stands for; one is the letter for 1 and !.
func leet(r, one rune) rune {
	const signs, letters = "023456789@$|+(€", "ozeasgtbgasltce"
	if r == '1' || r == '!' {
		return one
	}
	if i := slices.Index([]rune(signs), r); i >= 0 {
		return rune(letters[i])
	}
	return r
}

func (g *guesser) effort() int {
	for i := range g.text {
		g.reach(i, 1, freeEffort)
		g.reachWords(i)
		g.reachUpTo(i, g.sequence(i), sequenceEffort)
		g.reachUpTo(i, g.run(i), runEffort)
		g.reachUpTo(i, g.repeat(i), repeatEffort)
		if g.isYear(i) {
			g.reach(i, len("2026"), yearEffort)
		}
	}
	return g.least[len(g.text)]
}

// reach records that the n runes from i on have an effort.
func (g *guesser) reach(i, n, effort int) {
	g.least[i+n] = min(g.least[i+n], g.least[i]+effort)
}

// reachUpTo records the same effort for minPart up to longest runes.
func (g *guesser) reachUpTo(i, longest, effort int) {
	for n := minPart; n <= longest; n++ {
		g.reach(i, n, effort)
	}
}

func (g *guesser) reachWords(i int) {
	for _, text := range [][]rune{g.text, g.leet[0], g.leet[1]} {
		isPrefix := true
		for n := minCommonWord; isPrefix && i+n <= len(text); n++ {
			var isWord bool
			if isWord, isPrefix = common(string(text[i : i+n])); isWord {
				g.reach(i, n, commonEffort)
			}
		}
		for _, word := range g.context {
			if n := len([]rune(word)); i+n <= len(text) && string(text[i:i+n]) == word {
				g.reach(i, n, contextEffort)
			}
		}
	}
}

// sequence returns the number of runes from i on that follow one of the sequences.
func (g *guesser) sequence(i int) int {
	longest := 0
	for _, forwards := range sequences {
		backwards := []rune(forwards)
		slices.Reverse(backwards)
		for _, sequence := range [][]rune{[]rune(forwards), backwards} {
			if at := slices.Index(sequence, g.text[i]); at >= 0 {
				longest = max(longest, equal(sequence[at:], g.text[i:]))
			}
		}
	}
	return longest
}

// run returns the number of equal runes from i on.
func (g *guesser) run(i int) int {
	n := 1
	for i+n < len(g.text) && g.text[i+n] == g.text[i] {
		n++
	}
	return n
}

// repeat returns the number of runes from i on that occur before i.
func (g *guesser) repeat(i int) int {
	longest := 0
	for before := range i {
		longest = max(longest, equal(g.text[before:], g.text[i:]))
	}
	return longest
}

func (g *guesser) isYear(i int) bool {
	year := string(g.text[i:min(i+len("2026"), len(g.text))])
	return len(year) == len("2026") && (year[:2] == "19" || year[:2] == "20") && strings.Trim(year, "0123456789") == ""
}

// equal returns the length of the common prefix.
func equal(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// common reports whether a word is on the blocklist, and whether it is a prefix of such a word. It
// is a binary search over the lines.
func common(word string) (isWord, isPrefix bool) {
	rest := blocklistText
	for rest != "" {
		middle := len(rest) / 2
		start := strings.LastIndexByte(rest[:middle], '\n') + 1
		end := start + strings.IndexByte(rest[start:], '\n')
		line := rest[start:end]
		isPrefix = isPrefix || strings.HasPrefix(line, word)
		switch {
		case word == line:
			return true, true
		case word < line:
			rest = rest[:start]
		default:
			rest = rest[end+1:]
		}
	}
	return false, isPrefix
}
