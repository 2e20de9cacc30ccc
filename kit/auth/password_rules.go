package auth

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Errors of CheckPassword; Hash returns ErrPasswordTooLong, too.
var (
	ErrPasswordTooShort    = errors.New("password is too short")
	ErrPasswordTooLong     = errors.New("password is longer than 128 characters or 1,024 bytes")
	ErrPasswordBlocklisted = errors.New("password is easy to guess")
)

const (
	maxPasswordLength = 128 // code points, after NFKC
	maxPasswordBytes  = 1024
	minContextWord    = 3 // shorter words occur in many good passwords
)

// CheckPassword applies the rules for a new password (NIST SP 800-63B-4, section 3.1.1.2):
// minLength to 128 code points after NFKC, at most 1,024 bytes, and not easy to guess: composed of
// common passwords, the context words (the account's e-mail, the app's name), sequences,
// repetitions and invisible characters, see effort. There are no composition rules. Errors are
// ErrPasswordTooShort, ErrPasswordTooLong and ErrPasswordBlocklisted.
func CheckPassword(password string, minLength int, context ...string) error {
	if len(password) > maxPasswordBytes {
		return ErrPasswordTooLong
	}
	normalized := norm.NFKC.String(password)
	length := utf8.RuneCountInString(normalized)
	if length < minLength {
		return ErrPasswordTooShort
	}
	if length > maxPasswordLength {
		return ErrPasswordTooLong
	}
	if effort(normalized, contextWords(context)) < minEffort {
		return ErrPasswordBlocklisted
	}
	return nil
}

// contextWords returns the words that an attacker tries first: the texts, the local parts of
// e-mails, and their parts between separators.
func contextWords(texts []string) []string {
	var words []string
	add := func(word string) {
		if utf8.RuneCountInString(word) >= minContextWord {
			words = append(words, word)
		}
	}
	isSeparator := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, text := range texts {
		text = strings.ToLower(norm.NFKC.String(text))
		local, _, _ := strings.Cut(text, "@")
		parts := strings.FieldsFunc(local, isSeparator)
		add(text)
		add(local)
		add(strings.Join(parts, ""))
		for _, part := range parts {
			add(part)
		}
	}
	return words
}
