package emailaddr

import "strings"

// maxBytes is the limit of RFC 5321, section 4.5.3.1.3, without the brackets.
const maxBytes = 254

// Valid reports whether email can identify an account: at most 254 bytes of printable ASCII, with
// one @ that is neither first nor last. Only ASCII, because lower-casing maps other letters into it
// (U+212A KELVIN SIGN): two addresses that look alike must neither share nor split an account.
func Valid(email string) bool {
	local, domain, found := strings.Cut(email, "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") || len(email) > maxBytes {
		return false
	}
	for i := range len(email) {
		if email[i] <= ' ' || email[i] > '~' {
			return false
		}
	}
	return true
}

// Fold returns the form by which addresses are compared: with ASCII letters in lower case.
func Fold(email string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, email)
}
