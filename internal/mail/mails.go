// Package mail has the words of mails, and sends them. Templates has them: mails.txt for both
// layouts, layout.html and layout.txt.
//
// It must not know when a mail is sent, nor how a token is made.
package mail

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/mailkit"
	"example.com/plinth/kit/useragent"
)

//go:embed templates
var templates embed.FS

// Outcome is how sending a mail ended.
type Outcome string

// The outcomes.
const (
	Sent     Outcome = "sent"
	Failed   Outcome = "failed"   // may be sent again
	Rejected Outcome = "rejected" // will not be sent again
)

// Outcomes returns all outcomes.
func Outcomes() []Outcome { return []Outcome{Sent, Failed, Rejected} }

// Transport sends rendered mails. It fails with mailkit.ErrRejected if a retry would fail, too.
type Transport interface {
	Send(ctx context.Context, message mailkit.Message) error
}

// Options of a Mailer.
type Options struct {
	AppName string
	AppURL  string // which links begin with
	// Ended is called after each mail; nil does nothing.
	Ended func(template domain.MailTemplate, outcome Outcome)
	// LinksTo logs the link of each mail, in development only; nil logs none.
	LinksTo *slog.Logger
}

// Mailer implements domain.Mailer.
type Mailer struct {
	templates *mailkit.Templates
	transport Transport
	options   Options
}

// New returns a Mailer. It fails if a template is malformed.
func New(transport Transport, options Options) (*Mailer, error) {
	folder, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, err
	}
	parsed, err := mailkit.ParseTemplates(folder)
	if err != nil {
		return nil, err
	}
	options.AppURL = strings.TrimSuffix(options.AppURL, "/")
	if options.Ended == nil {
		options.Ended = func(domain.MailTemplate, Outcome) {}
	}
	return &Mailer{templates: parsed, transport: transport, options: options}, nil
}

// Send implements domain.Mailer. A mail that lacks a field of its template is rejected.
func (m *Mailer) Send(ctx context.Context, mail domain.Mail) error {
	message, err := m.Render(mail)
	if err != nil {
		m.options.Ended(mail.Template, Rejected)
		return fmt.Errorf("%w: %w", domain.ErrMailRejected, err)
	}
	err = m.transport.Send(ctx, message)
	switch {
	case err == nil:
		m.options.Ended(mail.Template, Sent)
	case errors.Is(err, mailkit.ErrRejected):
		m.options.Ended(mail.Template, Rejected)
		return fmt.Errorf("%w: %w", domain.ErrMailRejected, err)
	default:
		m.options.Ended(mail.Template, Failed)
		return err
	}
	if m.options.LinksTo != nil {
		m.options.LinksTo.InfoContext(ctx, "mail", slog.String("template", string(mail.Template)),
			slog.String("to", mail.To), slog.String("link", m.options.AppURL+mail.Link))
	}
	return nil
}

// Render returns what a mail looks like.
func (m *Mailer) Render(mail domain.Mail) (mailkit.Message, error) {
	message, err := m.templates.Render(string(mail.Template), view{mail, m.options})
	message.To = mail.To
	return message, err
}

// view is what templates see. Its methods fail if the mail lacks the field.
type view struct {
	mail    domain.Mail
	options Options
}

func (v view) App() string    { return v.options.AppName }
func (v view) Home() string   { return v.options.AppURL }
func (v view) To() string     { return v.mail.To }
func (v view) Device() string { return useragent.Name(v.mail.UserAgent) }
func (v view) Link() (string, error) {
	if !strings.HasPrefix(v.mail.Link, "/") {
		return "", errors.New("the mail has no link")
	}
	return v.options.AppURL + v.mail.Link, nil
}
func (v view) Expires() (string, error)  { return date("Expires", v.mail.Expires) }
func (v view) At() (string, error)       { return date("At", v.mail.At) }
func (v view) NewEmail() (string, error) { return required("NewEmail", v.mail.NewEmail) }

// IP returns the address of the client.
func (v view) IP() string {
	if !v.mail.IP.IsValid() {
		return "unknown"
	}
	return v.mail.IP.String()
}

// Name returns the name of the owner if it looks like one. Clients choose it, so it must not become
// a message or a link of its own.
func (v view) Name() string {
	const limit = 40
	name := v.mail.Name
	if name == nil || utf8.RuneCountInString(*name) > limit {
		return ""
	}
	isOther := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" '’-", r)
	}
	if strings.ContainsFunc(strings.ReplaceAll(*name+" ", ". ", " "), isOther) { // "J. R. Smith", not "evil.example"
		return ""
	}
	return strings.TrimSpace(*name)
}

func date(field string, t time.Time) (string, error) {
	if t.IsZero() {
		return required(field, "")
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC"), nil
}

func required(field, text string) (string, error) {
	if text == "" {
		return "", errors.New("the mail has no " + field)
	}
	return text, nil
}
