package paging_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/paging"
)

func byText(text string) paging.Position { return paging.Position{Text: text} }

func TestReadVisitsEachItemOnce(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c", "d"}
	list := func(r paging.Range) ([]string, error) {
		start := slices.IndexFunc(all, func(s string) bool { return s > r.Start().Text })
		if start < 0 {
			return nil, nil
		}
		return all[start:min(start+r.Limit, len(all))], nil
	}
	for limit, pages := range map[int]int{1: 4, 2: 2, 3: 2, 4: 1, 5: 1} {
		var got []string
		count := 0
		for r := (paging.Range{Limit: limit}); ; {
			page, err := paging.Read(r, byText, list)
			if err != nil || len(page.Items) > limit {
				t.Fatalf("a page of %d has %q, %v", limit, page.Items, err)
			}
			got = append(got, page.Items...)
			count++
			if r.After = page.Next; page.Next == nil {
				break
			}
		}
		if !slices.Equal(got, all) || count != pages {
			t.Errorf("limit %d: %q on %d pages, want %q on %d", limit, got, count, all, pages)
		}
	}
}

func TestReadReturnsTheErrorOfTheList(t *testing.T) {
	t.Parallel()
	want := errors.New("unavailable")
	page, err := paging.Read(paging.Range{Limit: 1}, byText, func(paging.Range) ([]string, error) { return []string{"a", "b"}, want })
	if !errors.Is(err, want) || page.Items != nil || page.Next != nil {
		t.Errorf("got %+v, %v, want no page and %v", page, err, want)
	}
}

func TestConvertIsNeverNil(t *testing.T) {
	t.Parallel()
	if got := paging.Convert(nil, strconv.Itoa); got == nil || len(got) != 0 {
		t.Errorf("got %#v", got)
	}
	if got := paging.Convert([]int{1, 2}, strconv.Itoa); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("got %q", got)
	}
}

const id = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"

func isID(text string) bool { return len(text) == 26 && text == strings.ToUpper(text) }

func isEmail(text string) bool {
	return strings.Count(text, "@") == 1 && !strings.ContainsAny(text, "\r\n")
}

var (
	byAge   = paging.ByTime("users by created_at", isID)
	byEmail = paging.ByText("users by email", isEmail)
	byTitle = paging.ByText("notes by title", func(string) bool { return true })
	byName  = paging.ByTextThenID("notes by name", func(name string) bool { return name != "" }, isID)
)

// encode writes the parts of a cursor the way cursors are written.
func encode(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "\x00")))
}

func TestCursorsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		order paging.Order
		at    paging.Position
	}{
		{byAge, paging.Position{Time: time.Date(2026, time.January, 2, 3, 4, 5, 678901000, time.UTC), ID: id}},
		{byEmail, paging.Position{Text: "ada@example.com"}},
		{byTitle, paging.Position{Text: "two\nlines, é and 😀"}},
		{byTitle, paging.Position{}},
		{byName, paging.Position{Text: "two\nlines", ID: id}},
	} {
		if got, err := test.order.Decode(test.order.Encode(test.at)); err != nil || got != test.at {
			t.Errorf("got %+v, %v, want %+v", got, err, test.at)
		}
	}
}

func TestDecodeRefusesOtherTexts(t *testing.T) {
	t.Parallel()
	good := encode("notes by title", "a")
	const age, email = "users by created_at", "users by email"
	for name, test := range map[string]struct {
		order   paging.Order
		cursors []string
	}{
		"title": {byTitle, []string{
			"", "x", "====", encode(""), good + "=", good + "\n", "\r" + good, good[:4] + "\n" + good[4:],
			strings.Replace(encode("notes by title", "~~~"), "-", "+", 1), // the other alphabet
			encode("notes by age", "a"), encode("Notes by title", "a"), encode("notes by title"), encode("notes by title", "a", ""),
			encode("notes by title", "\xff"), encode("notes by title", "\xed\xa0\x80"), // PostgreSQL would refuse it
			good[:len(good)-1] + "R", // sets bits that have no meaning
		}},
		"age": {byAge, []string{
			encode(age, "01", id), encode(age, "+1", id), encode(age, "-1", id), encode(age, "", id), encode(age, "1", ""),
			encode(age, "1", id+"\n"), encode(age, "1", strings.ToLower(id)),
			encode(age, "253370764800000000", id), encode(age, "9223372036854775807", id), encode(age, "9223372036854775808", id),
			encode(email, "ada@example.com"), encode(email, "1", id), encode("id", id),
		}},
		"name": {byName, []string{
			encode("notes by name"), encode("notes by name", "a"), encode("notes by name", "", id), encode("notes by name", "a", ""),
			encode("notes by name", id, "a"), encode("notes by name", "a", id, ""), encode("notes by title", "a", id),
		}},
		"email": {byEmail, []string{
			encode(email, ""), encode(email, "ada"), encode(email, "ada@example.com\n"), encode(age, "1", id),
		}},
	} {
		for _, cursor := range test.cursors {
			if at, err := test.order.Decode(cursor); !errors.Is(err, paging.ErrInvalidCursor) {
				t.Errorf("by %s: %q decodes to %+v, %v", name, cursor, at, err)
			}
		}
	}
}

// FuzzDecode checks that each position has exactly one cursor.
func FuzzDecode(f *testing.F) {
	f.Add(false, byEmail.Encode(paging.Position{Text: "ada@example.com"}))
	f.Add(true, byAge.Encode(paging.Position{Time: time.UnixMicro(1767323045000000), ID: id}))
	f.Fuzz(func(t *testing.T, inTime bool, cursor string) {
		order := byEmail
		if inTime {
			order = byAge
		}
		at, err := order.Decode(cursor)
		if err != nil {
			return
		}
		if again := order.Encode(at); again != cursor {
			t.Errorf("%q decodes to %+v, whose cursor is %q", cursor, at, again)
		}
	})
}
