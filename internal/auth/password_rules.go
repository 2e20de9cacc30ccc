package auth

import (
	_ "embed" // the blocklist
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What CheckPassword refuses, and Hash where it says so.
var (
	ErrPasswordTooShort    = errors.New("password is shorter than 8 characters")
	ErrPasswordTooLong     = errors.New("password is longer than 128 characters or 1,024 bytes")
	ErrPasswordBlocklisted = errors.New("password is too common or too close to the account's name")
)

const (
	minPasswordLength = 8   // code points, after NFKC
	maxPasswordLength = 128 // code points, after NFKC
	maxPasswordBytes  = 1024
	minContextWord    = 3 // shorter ones are in too many good passwords
)

// blocklistText holds one lower-case NFKC password a line, each of at least the minimum length, sorted by
// bytes. It is searched as it lies in the binary: nothing is built at start. Origin: blocklist/NOTICE.md.
//
//go:embed blocklist/passwords.txt
var blocklistText string

// CheckPassword applies the rules for a new password (NIST SP 800-63B-4, section 3.1.1.2): 8 to 128 code
// points after NFKC and at most 1,024 bytes, not on the blocklist of common passwords whatever its case, and
// not one of the context words (the account's e-mail, the app's name) or little more than one. There
// are no composition rules. Errors are ErrPasswordTooShort, ErrPasswordTooLong and ErrPasswordBlocklisted.
func CheckPassword(password string, context ...string) error {
	if len(password) > maxPasswordBytes {
		return ErrPasswordTooLong
	}
	normalized := norm.NFKC.String(password)
	length := utf8.RuneCountInString(normalized)
	if length < minPasswordLength {
		return ErrPasswordTooShort
	}
	if length > maxPasswordLength {
		return ErrPasswordTooLong
	}
	folded := strings.ToLower(normalized)
	if onBlocklist(folded) {
		return ErrPasswordBlocklisted
	}
	for _, word := range context {
		word = strings.ToLower(norm.NFKC.String(word))
		local, _, _ := strings.Cut(word, "@")
		if derivedFrom(folded, word) || derivedFrom(folded, local) {
			return ErrPasswordBlocklisted
		}
	}
	return nil
}

// onBlocklist is a binary search over the lines of the blocklist.
func onBlocklist(folded string) bool {
	rest := blocklistText
	for rest != "" {
		middle := len(rest) / 2
		start := strings.LastIndexByte(rest[:middle], '\n') + 1
		end := start + strings.IndexByte(rest[start:], '\n')
		switch line := rest[start:end]; {
		case folded == line:
			return true
		case folded < line:
			rest = rest[:start]
		default:
			rest = rest[end+1:]
		}
	}
	return false
}

// derivedFrom tells that without the word the password is too little: under the minimum length and
// without a letter. Separators do not count: "B.Smith-1984" is derived from "bsmith".
func derivedFrom(password, word string) bool {
	password, word = lettersAndDigits(password), lettersAndDigits(word)
	if utf8.RuneCountInString(word) < minContextWord || !strings.Contains(password, word) {
		return false
	}
	rest := strings.ReplaceAll(password, word, "")
	return utf8.RuneCountInString(rest) < minPasswordLength && !strings.ContainsFunc(rest, unicode.IsLetter)
}

func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
