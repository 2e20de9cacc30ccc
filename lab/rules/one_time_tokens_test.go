package rules_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/testdb"
)

// mailbox keeps the link of the last mail.
type mailbox struct{ token string }

// Send implements domain.Mailer.
func (m *mailbox) Send(_ context.Context, mail domain.Mail) error {
	_, m.token, _ = strings.Cut(mail.Link, "#token=")
	return nil
}

// mailing is a server with mails, beside others on the same database.
type mailing struct {
	*service

	mails *domain.MailService
	box   *mailbox
}

func newMailing(t *testing.T, url string) mailing {
	t.Helper()
	box, plain := &mailbox{}, newService(t, serviceOpts{url: url, maxConns: 20})
	mails := domain.NewMailService(plain.store, box, plain.throttles, nil, rand.Reader, time.Now, domain.MailOptions{
		InvitationLifetime: time.Hour,
		Lifetimes: map[domain.TokenPurpose]time.Duration{
			domain.TokenVerification: time.Hour, domain.TokenPasswordReset: time.Hour,
			domain.TokenEmailChange: time.Hour, domain.TokenEmailUndo: time.Hour,
		},
	})
	return mailing{newService(t, serviceOpts{url: url, maxConns: 20, users: domain.UserOptions{Mails: mails}}), mails, box}
}

// resetToken returns the token of a link that resets a password.
func (m mailing) resetToken(t *testing.T, user domain.User) string {
	t.Helper()
	must(t, m.mails.SendPasswordReset(t.Context(), domain.PasswordResetMail{Email: user.Email}))
	return m.box.token
}

// atOnce runs all functions concurrently, and returns their errors.
func atOnce(functions ...func() error) []error {
	failures := make([]error, len(functions))
	var group sync.WaitGroup
	for i, function := range functions {
		group.Go(func() { failures[i] = function() })
	}
	group.Wait()
	return failures
}

// succeeded returns how many succeeded; the others must have failed as refused.
func succeeded(t *testing.T, failures []error, refused ...error) (n int) {
	t.Helper()
	for _, err := range failures {
		isRefused := false
		for _, refusal := range refused {
			isRefused = isRefused || errors.Is(err, refusal)
		}
		switch {
		case err == nil:
			n++
		case !isRefused:
			t.Errorf("got %v, want one of %v", err, refused)
		}
	}
	return n
}

// TestOneTimeTokenIsUsedOnce uses a token 100 times at once, on two servers.
func TestOneTimeTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	servers := []mailing{newMailing(t, url), newMailing(t, url)}
	user := pgtest.User(t, servers[0].store, pgtest.UserOpts{})
	must(t, servers[0].store.InTx(t.Context(), func(tx domain.Store) error {
		_, err := tx.RequestOneTimeToken(t.Context(), domain.NewOneTimeToken{
			UserID: user.ID, Purpose: domain.TokenVerification, SentTo: user.Email, Lifetime: time.Hour,
		})
		return err
	}))
	must(t, servers[0].mails.SendLink(t.Context(), domain.LinkMail{UserID: user.ID, Purpose: domain.TokenVerification}))
	var uses []func() error
	for i := range 100 {
		uses = append(uses, func() error {
			return servers[i%2].users.ConfirmVerification(t.Context(), servers[0].box.token, domain.Client{})
		})
	}
	if n := succeeded(t, atOnce(uses...), domain.ErrInvalidOneTimeToken); n != 1 {
		t.Errorf("the token was used %d times", n)
	}
	events := testdb.Value[int](t, url, "SELECT count(*) FROM audit_events WHERE type = 'user_email_verification'")
	if events != 1 {
		t.Errorf("there are %d events", events)
	}
}

// TestConcurrentResetAndLogin resets a password during logins with the old one: no session of them
// outlives the reset.
func TestConcurrentResetAndLogin(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s := newMailing(t, url)
	for range 10 {
		user := pgtest.User(t, s.store, pgtest.UserOpts{})
		token := s.resetToken(t, user)
		login := func() error {
			_, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
			return err
		}
		reset := func() error {
			return s.users.ConfirmPasswordReset(t.Context(), token, "a longer horse battery staple", domain.Client{})
		}
		succeeded(t, atOnce(login, login, reset, login, login), domain.ErrInvalidCredentials)
		live := testdb.Value[int](t, url, "SELECT count(*) FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", user.ID)
		if live != 0 {
			t.Fatalf("%d sessions outlive the reset", live)
		}
	}
	pgtest.CheckSessions(t, url)
}

// TestConcurrentEmailChanges confirms a change during another request for a change. In the end the
// account has one of the e-mails, and a link is valid only for the pending one.
func TestConcurrentEmailChanges(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s := newMailing(t, url)
	for range 10 {
		user := pgtest.User(t, s.store, pgtest.UserOpts{})
		tokens, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
		must(t, err)
		actor, err := s.sessions.Authenticate(t.Context(), tokens.Access)
		must(t, err)
		password := pgtest.Password
		change := func(email string) error {
			_, err := s.users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{Email: &email, CurrentPassword: &password})
			return err
		}
		first, second := "first."+user.Email, "second."+user.Email
		must(t, change(first))
		must(t, s.mails.SendLink(t.Context(), domain.LinkMail{UserID: user.ID, Purpose: domain.TokenEmailChange}))
		confirm := func() error { return s.users.ConfirmEmailChange(t.Context(), s.box.token, domain.Client{}) }
		n := succeeded(t, atOnce(confirm, func() error { return change(second) }, confirm), domain.ErrInvalidOneTimeToken)
		after, err := s.store.GetUser(t.Context(), user.ID)
		must(t, err)
		wanted := user.Email
		if n == 2 { // the confirmation came first
			wanted = first
		}
		if after.Email != wanted || after.PendingEmail == nil || *after.PendingEmail != second {
			t.Fatalf("after %d successes the account has %s and waits for %v", n, after.Email, after.PendingEmail)
		}
	}
}

// TestInvitationIsAcceptedOnce accepts an invitation ten times at once, on two servers.
func TestInvitationIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s, other := newMailing(t, url), newMailing(t, url)
	admin := pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
	tokens, err := s.sessions.LoginUser(t.Context(), admin.Email, pgtest.Password, domain.Client{})
	must(t, err)
	actor, err := s.sessions.Authenticate(t.Context(), tokens.Access)
	must(t, err)
	services := []*domain.InvitationService{
		domain.NewInvitationService(s.sessions, s.mails), domain.NewInvitationService(other.sessions, other.mails),
	}
	invitation, err := services[0].CreateInvitation(t.Context(), actor, domain.NewInvitation{
		Email: "grace@example.com", Role: domain.RoleUser,
	})
	must(t, err)
	must(t, services[0].SendInvitation(t.Context(), domain.InvitationMail{InvitationID: invitation.ID}))
	var uses []func() error
	for i := range 10 {
		uses = append(uses, func() error {
			_, err := services[i%2].AcceptInvitation(t.Context(), s.box.token, pgtest.Password, nil, domain.Client{})
			return err
		})
	}
	if n := succeeded(t, atOnce(uses...), domain.ErrInvalidOneTimeToken); n != 1 {
		t.Errorf("the invitation was accepted %d times", n)
	}
}
