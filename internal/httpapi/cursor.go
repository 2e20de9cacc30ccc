package httpapi

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/plinth/kit/idgen"
)

// A cursor is a position in a list, written as base64url of the name of the list's order and the values that the order
// compares. It gives nothing away that the page it came with did not show, and a made-up one can only name another
// position, so it is not signed.

// cursorSeparator stands between the parts of a cursor. No text that comes from PostgreSQL holds it.
const cursorSeparator = "\x00"

var errInvalidCursor = validationProblem([]fieldError{
	{In: "query", Name: "cursor", Code: "invalid_format", Detail: "Must be the next_cursor of a page in the same order."},
})

// encodeCursor writes the position after the row with these values. The name of the order is one that no other list uses.
func encodeCursor(order string, values ...string) string {
	parts := append([]string{order}, values...)
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, cursorSeparator)))
}

// decodeCursor reads a cursor of the given order, which compares so many values. They are texts that PostgreSQL takes;
// what else they must be is for the caller to check. There is one way to write a position, and any other text is
// errInvalidCursor.
func decodeCursor(order, cursor string, count int) ([]string, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !utf8.Valid(text) || strings.ContainsAny(cursor, "\r\n") { // line breaks, which base64 skips
		return nil, errInvalidCursor
	}
	parts := strings.Split(string(text), cursorSeparator)
	if parts[0] != order || len(parts) != 1+count {
		return nil, errInvalidCursor
	}
	return parts[1:], nil
}

// encodeAgeCursor writes a position in an order by the time of creation, which PostgreSQL keeps to the microsecond, and by
// id where that is the same.
func encodeAgeCursor(order string, createdAt time.Time, id string) string {
	return encodeCursor(order, strconv.FormatInt(createdAt.UnixMicro(), 10), id)
}

// decodeAgeCursor reads what encodeAgeCursor writes; id is a well-formed one.
func decodeAgeCursor(order, cursor string) (createdAt time.Time, id string, err error) {
	values, err := decodeCursor(order, cursor, 2)
	if err != nil {
		return time.Time{}, "", err
	}
	micros, err := strconv.ParseInt(values[0], 10, 64)
	isTime := err == nil && micros >= 0 && micros <= maxCursorMicros && strconv.FormatInt(micros, 10) == values[0]
	if !isTime || !idgen.Valid(values[1]) {
		return time.Time{}, "", errInvalidCursor
	}
	return time.UnixMicro(micros).UTC(), values[1], nil
}

// maxCursorMicros is the end of the year 9998, which PostgreSQL and time.Time both can tell.
const maxCursorMicros = 253370764799_999999
