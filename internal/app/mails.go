package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	netmail "net/mail"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/mail"
	"example.com/plinth/kit/mailbox"
	"example.com/plinth/kit/mailkit"
	"example.com/plinth/kit/telemetry"
)

// mailing is what sends mails.
type mailing struct {
	domain.Mailer

	sender  *mailkit.Sender  // with MAIL_URL
	mailbox *mailbox.Mailbox // in development without MAIL_URL
}

// newMailing returns what sends mails through MAIL_URL. Without it, mails fail, or in development go
// to the mailbox.
func newMailing(cfg config.Config, tel *telemetry.Telemetry) (m mailing, err error) {
	options := mail.Options{AppName: cfg.AppName, AppURL: cfg.AppURL.Reveal()}
	if tel.Metrics != nil {
		options.Ended = telemetry.OutcomesBy(tel.Metrics, "mails_total", "Attempts to send mails, by how they ended.",
			"template", domain.MailTemplates(), mail.Outcomes())
	}
	var transport mail.Transport = noServer{}
	switch {
	case cfg.MailURL.IsSet():
		if m.sender, err = newMailSender(cfg); err != nil {
			return m, fmt.Errorf("MAIL_URL: %w", err)
		}
		transport = m.sender
	case cfg.Environment == config.Development:
		m.mailbox = mailbox.New(time.Now, rand.Reader, mailbox.Options{
			Title: cfg.AppName, Dir: cfg.MailDir,
			Previews: func() ([]mailkit.Message, error) { return mail.Previews(options, time.Now()) },
		})
		transport, options.LinksTo = m.mailbox, tel.Unredacted
	}
	m.Mailer, err = mail.New(transport, options)
	return m, err
}

func newMailSender(cfg config.Config) (*mailkit.Sender, error) {
	from := netmail.Address(cfg.MailFrom)
	if from.Name == "" {
		from.Name = cfg.AppName
	}
	return mailkit.NewSender(cfg.MailURL.Reveal(), time.Now, rand.Reader, mailkit.Options{
		From: from, RequireTLS: cfg.Environment != config.Development,
	})
}

// noServer fails, so that jobs keep their mails until MAIL_URL is set.
type noServer struct{}

func (noServer) Send(context.Context, mailkit.Message) error {
	return errors.New("MAIL_URL is not set")
}

// wrap adds the mailbox to the API, if there is one.
func (m mailing) wrap(api http.Handler) http.Handler {
	if m.mailbox == nil {
		return api
	}
	return m.mailbox.Wrap(api)
}

func (m mailing) close() {
	if m.sender != nil {
		m.sender.Close()
	}
}
