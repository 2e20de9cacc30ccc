package mailkit

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Message is a mail to one address.
type Message struct {
	To      string // an address without a name
	Subject string
	Text    string
	HTML    string
	// Unsubscribe is the HTTPS URL that ends a subscription with one click (RFC 8058). Mails that a
	// user cannot unsubscribe from, such as those about the security of an account, have none.
	Unsubscribe string
}

// Check returns an [ErrRejected] if the message cannot be sent.
func (m Message) Check() error {
	parsed, err := mail.ParseAddress("<" + m.To + ">")
	if err != nil || parsed.Address != m.To {
		return fmt.Errorf("%w: the recipient is not an address", ErrRejected)
	}
	if m.Subject == "" || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return fmt.Errorf("%w: the subject is empty or has a line break", ErrRejected)
	}
	if strings.ContainsFunc(m.Unsubscribe, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%w: Unsubscribe is not an HTTPS URL", ErrRejected)
	}
	if m.Text == "" || m.HTML == "" {
		return fmt.Errorf("%w: the text or the HTML is missing", ErrRejected)
	}
	return nil
}

// compose returns the message with its headers.
func (m Message) compose(from mail.Address, id string, date time.Time) (*gomail.Msg, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&mail.Address{Address: m.To})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(date)
	msg.SetMessageIDWithValue(id)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")  // RFC 3834: no vacation notices in return
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")   // the same for Exchange
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)       // the last part is the preferred one
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML) // RFC 2046, section 5.1.4
	if m.Unsubscribe != "" {
		if err := msg.SetListUnsubscribeOneClick(m.Unsubscribe); err != nil {
			return nil, fmt.Errorf("%w: Unsubscribe is not an HTTPS URL", ErrRejected)
		}
	}
	return msg, nil
}
