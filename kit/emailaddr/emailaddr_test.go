package emailaddr_test

import (
	"strings"
	"testing"

	"example.com/plinth/kit/emailaddr"
)

func TestValid(t *testing.T) {
	t.Parallel()
	for _, email := range []string{
		"a@b", "ada@example.com", "Ada.O'Lovelace+tag@sub.example.com", "!#$%&'*+-/=?^_`{|}~@example.com",
		strings.Repeat("a", 242) + "@example.com",
	} {
		if !emailaddr.Valid(email) {
			t.Errorf("%q is rejected", email)
		}
	}
}

// Look-alikes, and letters whose lower case is ASCII, must neither share nor split an account.
func TestInvalid(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"nothing":           "",
		"no @":              "example.com",
		"only @":            "@",
		"nothing before @":  "@example.com",
		"nothing after @":   "ada@",
		"two @":             "ada@example.com@example.org",
		"255 bytes":         strings.Repeat("a", 243) + "@example.com",
		"a space":           "ada @example.com",
		"a line break":      "ada@example.com\n",
		"NUL":               "ada\x00@example.com",
		"DEL":               "ada\x7f@example.com",
		"Kelvin sign":       "\u212Aate@example.com",
		"dotted capital I":  "\u0130da@example.com",
		"dotless small i":   "\u0131da@example.com",
		"long s":            "je\u017F@example.com",
		"full-width @":      "ada\uFF20example.com",
		"full-width letter": "\uFF41da@example.com",
		"Cyrillic a":        "\u0430da@example.com",
		"Cyrillic domain":   "ada@ex\u0430mple.com",
		"umlaut":            "m\u00fcller@example.com",
		"zero-width joiner": "ada\u200d@example.com",
		"invalid UTF-8":     "ada\xff@example.com",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if emailaddr.Valid(email) {
				t.Errorf("%q is accepted", email)
			}
		})
	}
}

// FuzzValid checks that an accepted address has one canonical form: printable ASCII, whose
// lower case is the same in Go and in PostgreSQL, with one @ between two parts.
func FuzzValid(f *testing.F) {
	for _, email := range []string{
		"ada@example.com", "ADA@EXAMPLE.COM", "\u212Aelvin@example.com", "\u0130@example.com", "ada\uFF20example.com", "@",
		"a@b@c", "", "\u0430da@example.com", "a\xffb@example.com", "ada@example.com\n",
	} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, email string) {
		if !emailaddr.Valid(email) {
			return
		}
		for _, r := range email {
			if r <= ' ' || r > '~' {
				t.Fatalf("%q contains %U", email, r)
			}
		}
		local, host, _ := strings.Cut(email, "@")
		if local == "" || host == "" || strings.Contains(host, "@") || len(email) > 254 {
			t.Fatalf("%q is accepted", email)
		}
		lower := strings.ToLower(email)
		if lower != emailaddr.Fold(email) || strings.ToLower(strings.ToUpper(email)) != lower || !emailaddr.Valid(lower) {
			t.Fatalf("%q has no canonical form", email)
		}
	})
}
