package httpapi_test

import (
	"encoding/base64"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
)

func TestUserCursor(t *testing.T) {
	t.Parallel()
	at := domain.UserPosition{
		CreatedAt: time.Date(2026, time.January, 2, 3, 4, 5, 678901000, time.UTC), ID: "01JD8Z5V3K4N6P7Q8R9S0T1V2W",
	}
	got, err := httpapi.DecodeUserCursor(domain.UsersByAge, httpapi.EncodeUserCursor(domain.UsersByAge, at))
	must(t, err)
	want(t, "position", got, at, nil)

	text := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for _, cursor := range []string{
		"", "x", "====", text(""), text("created_at"), text("created_at\n1"), text("created_at\n1\n"),
		text("created_at\n01\n" + at.ID), text("created_at\n-1\n" + at.ID), text("created_at\n1\n" + at.ID + "\n"),
		text("created_at\n1\n01jd8z5v3k4n6p7q8r9s0t1v2w"), text("created_at\n9223372036854775807\n" + at.ID),
		text("email\nada@example.com"), text("id\n" + at.ID), text("created_at\n1\n"+at.ID) + "=",
	} {
		if _, err := httpapi.DecodeUserCursor(domain.UsersByAge, cursor); err == nil {
			t.Errorf("%q is taken for a cursor", cursor)
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
