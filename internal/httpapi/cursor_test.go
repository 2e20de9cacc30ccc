package httpapi_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
)

// parts writes what a cursor is made of, the way cursors are written.
func parts(texts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(texts, "\x00")))
}

// TestCursor is about cursors of any list.
func TestCursor(t *testing.T) {
	t.Parallel()
	values := []string{"two\nlines, é and 😀", "", "3"}
	got, err := httpapi.DecodeCursor("notes by title", httpapi.EncodeCursor("notes by title", values...), len(values))
	must(t, err)
	if !slices.Equal(got, values) {
		t.Errorf("the values are %q, want %q", got, values)
	}

	good := parts("notes by title", "a")
	for _, cursor := range []string{
		"", "x", "====", parts(""), good + "=", good + "\n", "\r" + good, good[:4] + "\n" + good[4:],
		strings.Replace(parts("notes by title", "~~~"), "-", "+", 1), // the other alphabet
		parts("notes by age", "a"), parts("Notes by title", "a"), parts("notes by title"), parts("notes by title", "a", ""),
		parts("notes by title", "\xff"), parts("notes by title", "\xed\xa0\x80"), // PostgreSQL would refuse it
		good[:len(good)-1] + nextLetter(good[len(good)-1]), // in bits that mean nothing
	} {
		if got, err := httpapi.DecodeCursor("notes by title", cursor, 1); err == nil {
			t.Errorf("%q is taken for a cursor, at %q", cursor, got)
		}
	}
}

func TestUserCursor(t *testing.T) {
	t.Parallel()
	at := domain.UserPosition{
		CreatedAt: time.Date(2026, time.January, 2, 3, 4, 5, 678901000, time.UTC), ID: "01JD8Z5V3K4N6P7Q8R9S0T1V2W",
	}
	got, err := httpapi.DecodeUserCursor(domain.UsersByAge, httpapi.EncodeUserCursor(domain.UsersByAge, at))
	must(t, err)
	want(t, "position", got, at, nil)
	byEmail := domain.UserPosition{Email: "ada@example.com"}
	got, err = httpapi.DecodeUserCursor(domain.UsersByEmail, httpapi.EncodeUserCursor(domain.UsersByEmail, byEmail))
	must(t, err)
	want(t, "position", got, byEmail, nil)

	const age, email = "users by created_at", "users by email"
	for sort, cursors := range map[domain.UserSort][]string{
		domain.UsersByAge: {
			parts(age, "01", at.ID), parts(age, "+1", at.ID), parts(age, "-1", at.ID), parts(age, "", at.ID), parts(age, "1", ""),
			parts(age, "1", at.ID+"\n"), parts(age, "1", "01jd8z5v3k4n6p7q8r9s0t1v2w"),
			parts(age, "253370764800000000", at.ID), parts(age, "9223372036854775807", at.ID), parts(age, "9223372036854775808", at.ID),
			parts(email, "ada@example.com"), parts(email, "1", at.ID), parts("id", at.ID),
		},
		domain.UsersByEmail: {parts(email, ""), parts(email, "ada"), parts(email, "ada@example.com\n"), parts(age, "1", at.ID)},
	} {
		for _, cursor := range cursors {
			if _, err := httpapi.DecodeUserCursor(sort, cursor); err == nil {
				t.Errorf("%q is taken for a cursor by %s", cursor, sort)
			}
		}
	}
}

// FuzzUserCursor checks that what is taken for a cursor is written in the one way there is.
func FuzzUserCursor(f *testing.F) {
	f.Add(true, httpapi.EncodeUserCursor(domain.UsersByEmail, domain.UserPosition{Email: "ada@example.com"}))
	f.Add(false, httpapi.EncodeUserCursor(domain.UsersByAge, domain.UserPosition{
		CreatedAt: time.UnixMicro(1767323045000000), ID: "01JD8Z5V3K4N6P7Q8R9S0T1V2W",
	}))
	f.Fuzz(func(t *testing.T, byEmail bool, cursor string) {
		sort := domain.UsersByAge
		if byEmail {
			sort = domain.UsersByEmail
		}
		at, err := httpapi.DecodeUserCursor(sort, cursor)
		if err != nil {
			return
		}
		if again := httpapi.EncodeUserCursor(sort, at); again != cursor {
			t.Errorf("%q decodes to %+v, which is written %q", cursor, at, again)
		}
	})
}
