package textsearch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Patterns returns the pattern of a search for LIKE, in one of the results, or none if the search is
// empty. The pattern matches the beginning of an e-mail instead of a part of texts if the search is
// too short for an index to find it inside of texts, and if it looks like an e-mail or the beginning
// of one, which an index finds at once.
func Patterns(search string) (containing, beginning *string) {
	if search == "" {
		return nil, nil
	}
	beginning = new(likeEscapes.Replace(search) + "%")
	if isBeginning(search) {
		return nil, beginning
	}
	return new("%" + *beginning), nil
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func isBeginning(search string) bool {
	const minWord = 3 // letters or digits in a row: the index contains all sequences of three
	isOther := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	longest := 0
	for word := range strings.FieldsFuncSeq(search, isOther) {
		longest = max(longest, utf8.RuneCountInString(word))
	}
	return strings.LastIndexByte(search, '@') > 0 || longest < minWord
}

// List is a list of rows in an order, after a position.
type List[T any] struct {
	// Scan reads at most that many rows in order, and returns those that match, up to a page.
	Scan func(most int) ([]T, error)
	// Find returns a page of rows that match, by an index of their texts. Nil if there is nothing to
	// search for.
	Find func() ([]T, error)
}

// How many rows a search reads in order: first to find out whether there are matches, and then if
// there are some.
const (
	firstScan  = 256
	secondScan = 5_000
)

// Page returns the next page. If many rows match, reading in order finds them fastest; if few do, an
// index. The estimates of PostgreSQL are wrong for matches that are not spread evenly over the
// order, such as e-mails with the same beginning or accounts of the same day. So Page tries, within
// bounds.
func (l List[T]) Page(most int) ([]T, error) {
	if l.Find == nil {
		return l.Scan(most)
	}
	rows, err := l.Scan(firstScan)
	if err == nil && len(rows) > 0 && len(rows) < most {
		rows, err = l.Scan(secondScan)
	}
	if err != nil || len(rows) == most {
		return rows, err
	}
	return l.Find()
}
