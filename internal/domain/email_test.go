package domain_test

import (
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestCheckEmail(t *testing.T) {
	t.Parallel()
	for _, email := range []string{
		"a@b", "ada@example.com", "Ada.O'Lovelace+tag@sub.example.com", "!#$%&'*+-/=?^_`{|}~@example.com",
		strings.Repeat("a", 242) + "@example.com",
	} {
		if err := domain.CheckEmail(email); err != nil {
			t.Errorf("%q: %v", email, err)
		}
	}
}

// Look-alikes and letters that some lower-casing turns into ASCII must never share or split an
// account.
func TestCheckEmailRefuses(t *testing.T) {
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
			wantField(t, domain.CheckEmail(email), "/email", "invalid_format")
		})
	}
}

// The database has the last word, should a program forget to ask.
func TestDatabaseRefusesInvalidEmails(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	for _, email := range []string{"", "ada @example.com", "\u212Aate@example.com", "\u0430da@example.com", strings.Repeat("a", 255)} {
		if _, err := s.store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{Email: &email}); err == nil {
			t.Errorf("%q was stored", email)
		}
	}
}
