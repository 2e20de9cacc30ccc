package domain_test

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ids := domain.NewIDs(func() time.Time { return now }, bytes.NewReader(make([]byte, 30)))
	first, err := ids.New()
	must(t, err)
	now = now.Add(time.Millisecond)
	second, err := ids.New()
	must(t, err)

	form := regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	if !form.MatchString(first) || !form.MatchString(second) {
		t.Errorf("%s and %s are not ULIDs", first, second)
	}
	if first >= second {
		t.Errorf("%s, made a millisecond later, sorts before %s", second, first)
	}

	_, err = ids.New()
	must(t, err)
	if _, err := ids.New(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the failure of the source of randomness", err)
	}
}
