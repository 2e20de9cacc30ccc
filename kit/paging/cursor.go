package paging

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Order encodes the positions of one order of one list as cursors. A cursor is the base64url form
// of the order's name and the values that the order compares. It reveals nothing that its page did
// not show, and a forged one only names another position, so it is not signed. Each position has
// exactly one cursor.
type Order struct {
	name   string
	byTime bool
	isText func(text string) bool // nil if the order compares no text
	isID   func(text string) bool // nil if the order compares no id
}

// ByTime returns an order by time, then by id. No other list may use the name. isID reports whether
// a text is an id.
func ByTime(name string, isID func(text string) bool) Order {
	return Order{name: name, byTime: true, isID: isID}
}

// ByText returns an order by a unique text. No other list may use the name. isValid reports whether
// the order has the text.
func ByText(name string, isValid func(text string) bool) Order {
	return Order{name: name, isText: isValid}
}

// ByTextThenID returns an order by a text that several items may have, then by id. No other list may
// use the name. isText and isID report whether the order has a text or an id.
func ByTextThenID(name string, isText, isID func(text string) bool) Order {
	return Order{name: name, isText: isText, isID: isID}
}

// ErrInvalidCursor means that a text is no cursor of an order.
var ErrInvalidCursor = errors.New("invalid cursor")

// separator stands between the parts of a cursor. PostgreSQL stores no text that contains it.
const separator = "\x00"

// maxMicros is the end of the year 9998, which both PostgreSQL and time.Time can represent.
const maxMicros = 253370764799_999999

// Encode returns the cursor of a position.
func (o Order) Encode(at Position) string {
	parts := []string{o.name}
	if o.byTime {
		parts = append(parts, strconv.FormatInt(at.Time.UnixMicro(), 10))
	}
	if o.isText != nil {
		parts = append(parts, at.Text)
	}
	if o.isID != nil {
		parts = append(parts, at.ID)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, separator)))
}

// Decode returns the position of a cursor, or ErrInvalidCursor.
func (o Order) Decode(cursor string) (Position, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !utf8.Valid(text) || strings.ContainsAny(cursor, "\r\n") { // base64 skips line breaks
		return Position{}, ErrInvalidCursor
	}
	parts := strings.Split(string(text), separator)
	if parts[0] != o.name {
		return Position{}, ErrInvalidCursor
	}
	var at Position
	isValid, parts := true, parts[1:]
	next := func() (part string) {
		if len(parts) == 0 {
			isValid = false
			return ""
		}
		part, parts = parts[0], parts[1:]
		return part
	}
	if o.byTime {
		micros, ok := parseMicros(next())
		at.Time, isValid = time.UnixMicro(micros).UTC(), isValid && ok
	}
	if o.isText != nil {
		at.Text = next()
		isValid = isValid && o.isText(at.Text)
	}
	if o.isID != nil {
		at.ID = next()
		isValid = isValid && o.isID(at.ID)
	}
	if !isValid || len(parts) > 0 {
		return Position{}, ErrInvalidCursor
	}
	return at, nil
}

func parseMicros(text string) (micros int64, ok bool) {
	micros, err := strconv.ParseInt(text, 10, 64)
	return micros, err == nil && micros >= 0 && micros <= maxMicros && strconv.FormatInt(micros, 10) == text
}

// Range returns the range of a request: at most limit items after the position of a cursor, from the
// first item if cursor is nil. It fails if the order has no such cursor.
func (o Order) Range(cursor *string, limit int) (Range, error) {
	if cursor == nil {
		return Range{Limit: limit}, nil
	}
	after, err := o.Decode(*cursor)
	if err != nil {
		return Range{}, err
	}
	return Range{After: &after, Limit: limit}, nil
}

// Next returns the cursor of the next page, nil if there is none.
func (o Order) Next(next *Position) *string {
	if next == nil {
		return nil
	}
	return new(o.Encode(*next))
}
