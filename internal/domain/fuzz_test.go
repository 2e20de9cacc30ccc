package domain_test

import (
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
)

// FuzzCheckEmail checks that what may be an account's address has one canonical form: printable
// ASCII, whose lower case is the same for Go, for PostgreSQL and for people, with exactly one @
// between two parts.
func FuzzCheckEmail(f *testing.F) {
	for _, email := range []string{
		"ada@example.com", "ADA@EXAMPLE.COM", "\u212Aelvin@example.com", "\u0130@example.com", "ada\uFF20example.com", "@", "a@b@c", "",
	} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, email string) {
		if domain.CheckEmail(email) != nil {
			return
		}
		for _, r := range email {
			if r <= ' ' || r > '~' {
				t.Fatalf("%q holds %U", email, r)
			}
		}
		local, host, _ := strings.Cut(email, "@")
		if local == "" || host == "" || strings.Contains(host, "@") || len(email) > 254 {
			t.Fatalf("%q is taken for an address", email)
		}
		lower := strings.ToLower(email)
		if len(lower) != len(email) || strings.ToLower(strings.ToUpper(email)) != lower || domain.CheckEmail(lower) != nil {
			t.Fatalf("%q has no canonical form", email)
		}
	})
}
