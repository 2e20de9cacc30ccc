package apitest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// Mailbox is a [domain.Mailer] that keeps the mails of a server.
type Mailbox struct {
	mu   sync.Mutex
	sent []domain.Mail
}

// Send implements [domain.Mailer].
func (m *Mailbox) Send(_ context.Context, mail domain.Mail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, mail)
	return nil
}

// MailsTo runs the waiting jobs, and returns the mails that an address got, the oldest first.
func (s *Server) MailsTo(t testing.TB, address string) []domain.Mail {
	t.Helper()
	s.deliver(t)
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

// deliver runs the waiting jobs.
func (s *Server) deliver(t testing.TB) {
	t.Helper()
	services, ctx := s.Services, t.Context()
	run := map[string]func(args []byte) error{
		domain.LinkMail{}.Kind():          handle(ctx, services.Mails.SendLink),
		domain.PasswordResetMail{}.Kind(): handle(ctx, services.Mails.SendPasswordReset),
		domain.NoticeMail{}.Kind():        handle(ctx, services.Mails.SendNotice),
		domain.InvitationMail{}.Kind():    handle(ctx, services.Invitations.SendInvitation), // scaffold:only invitations
	}
	type job struct {
		Kind string
		Args []byte
	}
	waiting := pgtest.Rows[job](t, s.Database,
		"WITH waiting AS (DELETE FROM river_job RETURNING id, kind, args) SELECT kind, args FROM waiting ORDER BY id")
	for _, job := range waiting {
		Must(t, run[job.Kind](job.Args))
	}
}

func handle[T any](ctx context.Context, do func(context.Context, T) error) func([]byte) error {
	return func(args []byte) error {
		var job T
		if err := json.Unmarshal(args, &job); err != nil {
			return err
		}
		return do(ctx, job)
	}
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
