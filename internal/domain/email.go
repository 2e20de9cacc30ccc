package domain

import "strings"

// maxEmailBytes is the longest address that mail can be sent to (RFC 5321, section 4.5.3.1.3, less the brackets).
const maxEmailBytes = 254

// CheckEmail says whether email can be an account's address: printable ASCII, one @ that is not at an end, at most 254
// bytes. The contract is stricter about the form; this is what everything that is not a request, such as the admin
// command, must keep to as well. ASCII only, because lower-casing folds some other letters into it (U+212A KELVIN SIGN),
// and two addresses that look alike must never share or split an account.
func CheckEmail(email string) error {
	local, domain, found := strings.Cut(email, "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") || len(email) > maxEmailBytes {
		return errInvalidEmail
	}
	for i := range len(email) {
		if email[i] <= ' ' || email[i] > '~' {
			return errInvalidEmail
		}
	}
	return nil
}

var errInvalidEmail = invalidField("/email", "invalid_format", "Must be an e-mail address in ASCII.")
