package apitest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/mail"
)

// Mailbox is a [domain.Mailer] that keeps the mails of a server. It fails the test for a mail that
// lacks a field of its template.
type Mailbox struct {
	t        testing.TB
	renderer *mail.Mailer

	running sync.Mutex // the jobs, which send them

	mu   sync.Mutex
	sent []domain.Mail
}

func newMailbox(t testing.TB) *Mailbox {
	t.Helper()
	renderer, err := mail.New(nil, mail.Options{AppName: "Plinth", AppURL: "https://app.example.com"})
	Must(t, err)
	return &Mailbox{t: t, renderer: renderer}
}

// Send implements [domain.Mailer].
func (m *Mailbox) Send(_ context.Context, sent domain.Mail) error {
	if _, err := m.renderer.Render(sent); err != nil {
		m.t.Errorf("%s: %v", sent.Template, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, sent)
	return nil
}

// MailsTo runs the waiting jobs, and returns the mails that an address got, the oldest first.
func (s *Server) MailsTo(t testing.TB, address string) []domain.Mail {
	t.Helper()
	s.RunJobs(t)
	s.Mails.mu.Lock()
	defer s.Mails.mu.Unlock()
	var mails []domain.Mail
	for _, mail := range s.Mails.sent {
		if strings.EqualFold(mail.To, address) {
			mails = append(mails, mail)
		}
	}
	return mails
}

// TokenTo runs the waiting jobs, and returns the token in the last mail of a kind to an address.
func (s *Server) TokenTo(t testing.TB, address string, template domain.MailTemplate) string {
	t.Helper()
	token := ""
	for _, mail := range s.MailsTo(t, address) {
		if mail.Template == template {
			_, token, _ = strings.Cut(mail.Link, "#token=")
		}
	}
	if token == "" {
		t.Fatalf("%s got no %s", address, template)
	}
	return token
}
