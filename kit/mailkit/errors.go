package mailkit

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"
	"unicode"
)

// ErrRejected is a permanent failure: the mail is malformed, or the server refuses its recipient or
// its content.
var ErrRejected = errors.New("the mail was rejected")

// failure is what the server replied to a command.
type failure struct {
	action string
	err    error
	// isOfMail is set if a permanent reply is about this mail, rather than about all mails.
	isOfMail bool
}

func (f *failure) Error() string { return f.action + ": " + f.err.Error() }

// Unwrap returns the cause, and ErrRejected if a retry would fail too. A server that refuses
// credentials or the sender refuses all mails until an operator acts, so their mails may be retried.
func (f *failure) Unwrap() []error {
	var reply *textproto.Error
	if f.isOfMail && errors.As(f.err, &reply) && reply.Code >= 500 {
		return []error{f.err, ErrRejected}
	}
	return []error{f.err}
}

// redactedError has a text without personal data.
type redactedError struct {
	error

	text string
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.error }

var urls = regexp.MustCompile(`https?:\S+`)

// withoutPersonalData removes what servers quote: the recipient and links.
func withoutPersonalData(err error, to string) error {
	text := regexp.MustCompile("(?i)"+regexp.QuoteMeta(to)).ReplaceAllString(err.Error(), "[recipient]")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, urls.ReplaceAllString(text, "[link]"))
	const limit = 300
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return &redactedError{fmt.Errorf("%w", err), text}
}
