package idgen_test

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"testing"
	"time"

	"example.com/plinth/kit/idgen"
)

func TestNew(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ids := idgen.New(func() time.Time { return now }, bytes.NewReader(make([]byte, 30)))
	first, err := ids.New()
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Millisecond)
	second, err := ids.New()
	if err != nil {
		t.Fatal(err)
	}

	form := regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	if !form.MatchString(first) || !form.MatchString(second) {
		t.Errorf("%s and %s are not ULIDs", first, second)
	}
	if first >= second {
		t.Errorf("%s, a millisecond later, sorts before %s", second, first)
	}

	_, err = ids.New()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ids.New(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the error of the random source", err)
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"01JD8Z5V3K4N6P7Q8R9S0T1V2W": true, "00000000000000000000000000": true, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ": true,
		"": false, "01JD8Z5V3K4N6P7Q8R9S0T1V2": false, "01JD8Z5V3K4N6P7Q8R9S0T1V2WX": false,
		"01jd8z5v3k4n6p7q8r9s0t1v2w": false, "8ZZZZZZZZZZZZZZZZZZZZZZZZZ": false, // lower case, more than 128 bits
		"01JD8Z5V3K4N6P7Q8R9S0T1V2U": false, "O1JD8Z5V3K4N6P7Q8R9S0T1V2W": false, "01JD8Z5V3K4N6P7Q8R9S0T1V2-": false,
		"01JD8Z5V3K4N6P7Q8R9S0T1V2\n": false, "01JD8Z5V3K4N6P7Q8R9S0T1V2\x00": false, "01JD8Z5V3K4N6P7Q8R9S0T1é": false,
	} {
		if got := idgen.Valid(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
