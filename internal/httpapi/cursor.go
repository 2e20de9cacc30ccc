package httpapi

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"example.com/plinth/internal/domain"
)

// A cursor is a position in a list, written as base64url of lines: the order, then the values that the order compares.
// It gives nothing away that the page it came with did not show, and a made-up one can only name another position, so it
// is not signed.

var errInvalidCursor = validationProblem([]fieldError{
	{In: "query", Name: "cursor", Code: "invalid_format", Detail: "Must be the next_cursor of a page in the same order."},
})

var errCursor = errors.New("not a cursor of this order")

// encodeUserCursor writes a position in an order of users.
func encodeUserCursor(sort domain.UserSort, at domain.UserPosition) string {
	lines := []string{string(sort), at.Email}
	if sort == domain.UsersByAge {
		lines = []string{string(sort), strconv.FormatInt(at.CreatedAt.UnixMicro(), 10), at.ID}
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(lines, "\n")))
}

// decodeUserCursor reads a cursor of the given order. There is one way to write each position, and any other text is an
// error.
func decodeUserCursor(sort domain.UserSort, cursor string) (domain.UserPosition, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return domain.UserPosition{}, errCursor
	}
	order, rest, _ := strings.Cut(string(text), "\n")
	if order != string(sort) {
		return domain.UserPosition{}, errCursor
	}
	if sort == domain.UsersByEmail {
		if domain.CheckEmail(rest) != nil {
			return domain.UserPosition{}, errCursor
		}
		return domain.UserPosition{Email: rest}, nil
	}
	micros, id, _ := strings.Cut(rest, "\n")
	created, err := strconv.ParseInt(micros, 10, 64)
	isTime := err == nil && created >= 0 && created <= maxCursorMicros && strconv.FormatInt(created, 10) == micros
	if !isTime || !domain.IsID(id) {
		return domain.UserPosition{}, errCursor
	}
	return domain.UserPosition{CreatedAt: time.UnixMicro(created).UTC(), ID: id}, nil
}

// maxCursorMicros is the end of the year 9998, which PostgreSQL and time.Time both can tell.
const maxCursorMicros = 253370764799_999999
