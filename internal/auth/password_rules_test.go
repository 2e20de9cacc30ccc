package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.com/plinth/internal/auth"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	words := []string{"Bob.Smith@example.com", "Plinth"}
	tests := []struct {
		name, password string
		want           error
	}{
		{"8 characters", "kv7#Qw2m", nil},
		{"7 characters", "kv7#Qw2", auth.ErrPasswordTooShort},
		{"empty", "", auth.ErrPasswordTooShort},
		{"8 code points of 4 bytes", "🜁🜂🜃🜄🜅🜆🜇🜈", nil},
		{"8 code points that compose to 4", strings.Repeat("e\u0301", 4), auth.ErrPasswordTooShort},
		{"4 code points that decompose to 8", strings.Repeat("ﬄ", 3), nil},
		{"128 characters", strings.Repeat("aé", 64), nil},
		{"129 characters", strings.Repeat("aé", 64) + "x", auth.ErrPasswordTooLong},
		{"128 code points that become more", strings.Repeat("ﷺ", 128), auth.ErrPasswordTooLong},
		{"1,026 bytes that compose to 114 characters", strings.Repeat("\u1112\u1161\u11ab", 114), auth.ErrPasswordTooLong},
		{"spaces count", "a b c d e f", nil},
		{"no composition rules", "lowercaseonlyphrase", nil},
		{"common", "password", auth.ErrPasswordBlocklisted},
		{"common in capitals", "PassWord", auth.ErrPasswordBlocklisted},
		{"common in full width", "ｐａｓｓｗｏｒｄ", auth.ErrPasswordBlocklisted},
		{"common number", "1234567890", auth.ErrPasswordBlocklisted},
		{"first line of the list", "!qaz1qaz", auth.ErrPasswordBlocklisted},
		{"a common word within", "password for the shed", nil},
		{"the local part", "bob.smith", auth.ErrPasswordBlocklisted},
		{"the local part without its dot", "BobSmith", auth.ErrPasswordBlocklisted},
		{"the local part and a year", "Bob.Smith-1984!", auth.ErrPasswordBlocklisted},
		{"the whole e-mail", "bob.smith@example.com", auth.ErrPasswordBlocklisted},
		{"the app's name and digits", "plinth123!", auth.ErrPasswordBlocklisted},
		{"the app's name twice", "PlinthPlinth", auth.ErrPasswordBlocklisted},
		{"the app's name and a word", "plinth oak", nil},
		{"the app's name in a phrase", "my plinth is made of oak", nil},
		{"the app's name and many digits", "plinth 8402 7391", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := auth.CheckPassword(test.password, words...); !errors.Is(err, test.want) {
				t.Errorf("CheckPassword(%q) = %v, want %v", test.password, err, test.want)
			}
		})
	}
}

func TestCheckPasswordIgnoresVeryShortContext(t *testing.T) {
	t.Parallel()
	if err := auth.CheckPassword("8a#!$%^&*", "a@example.com", "", "8", "@"); err != nil {
		t.Errorf("err = %v, want none", err)
	}
}

func TestBlocklist(t *testing.T) {
	t.Parallel()
	text := auth.BlocklistText()
	if !strings.HasSuffix(text, "\n") {
		t.Fatal("the blocklist does not end with a line break, which the search relies on")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 3000 {
		t.Errorf("%d entries, want at least 3,000", len(lines))
	}
	if !slices.IsSorted(lines) {
		t.Error("the blocklist is not sorted by bytes, which the search relies on")
	}
	if len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Error("the blocklist has duplicates")
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) < 8 || line != norm.NFKC.String(strings.ToLower(line)) {
			t.Errorf("%q can never match", line)
		}
		if err := auth.CheckPassword(line); !errors.Is(err, auth.ErrPasswordBlocklisted) {
			t.Errorf("CheckPassword(%q) = %v, want ErrPasswordBlocklisted", line, err)
		}
		if err := auth.CheckPassword(line + "\u00a1\u00a1"); err != nil {
			t.Errorf("CheckPassword(%q and more) = %v, want none", line, err)
		}
	}
}
