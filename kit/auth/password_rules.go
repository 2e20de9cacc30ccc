package auth

import (
	"errors"
	"fmt"
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

// PasswordRefusal says why a new password is refused: a code, and a message for its owner.
type PasswordRefusal struct{ Code, Message string }

// RefusePassword is CheckPassword with an explanation, nil if the password is accepted. It also
// refuses control characters and invalid UTF-8, which clients cannot send in a login.
func RefusePassword(password string, minLength int, context ...string) *PasswordRefusal {
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return &PasswordRefusal{"control_character", "Must be UTF-8 without control characters, as in a login."}
	}
	switch err := CheckPassword(password, minLength, context...); {
	case errors.Is(err, ErrPasswordTooShort):
		return &PasswordRefusal{"too_short", fmt.Sprintf("Must have at least %d characters.", minLength)}
	case errors.Is(err, ErrPasswordTooLong):
		return &PasswordRefusal{"too_long", "Must have at most 128 characters and 1,024 bytes."}
	case err != nil:
		return &PasswordRefusal{
			"password_blocklisted",
			"Too easy to guess. Common words, parts of your e-mail, sequences and repeats add little: " +
				"choose something longer.",
		}
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
