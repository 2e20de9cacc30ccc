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

// newMailings returns two servers. When the test ends, no invariant of the database may be broken.
func newMailings(t *testing.T) [2]mailing {
	t.Helper()
	url := pgtest.URL(t)
	t.Cleanup(func() { pgtest.CheckSessions(t, url) })
	return [2]mailing{newMailing(t, url), newMailing(t, url)}
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

// link sends a link to an address, and returns its token.
func (m mailing) link(t *testing.T, user domain.User, purpose domain.TokenPurpose, sentTo string) string {
	t.Helper()
	must(t, m.store.InTx(t.Context(), func(tx domain.Store) error {
		if purpose == domain.TokenEmailChange {
			_, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{SetPendingEmail: true, PendingEmail: &sentTo})
			must(t, err)
		}
		_, err := tx.RequestOneTimeToken(t.Context(), domain.NewOneTimeToken{
			UserID: user.ID, Purpose: purpose, SentTo: sentTo, Lifetime: time.Hour,
		})
		return err
	}))
	must(t, m.mails.SendLink(t.Context(), domain.LinkMail{UserID: user.ID, Purpose: purpose}))
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

const otherPassword = "a longer horse battery staple"

// TestOneTimeTokenIsUsedOnce uses a token of each purpose 100 times at once, on two servers.
func TestOneTimeTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	servers := newMailings(t)
	s := servers[0]
	for purpose, test := range map[domain.TokenPurpose]struct {
		prefix string // of the address
		use    func(users *domain.UserService, token string) error
		event  domain.EventType
	}{
		domain.TokenVerification: {"", func(users *domain.UserService, token string) error {
			return users.ConfirmVerification(t.Context(), token, domain.Client{})
		}, domain.EventEmailVerified},
		domain.TokenPasswordReset: {"", func(users *domain.UserService, token string) error {
			return users.ConfirmPasswordReset(t.Context(), token, otherPassword, domain.Client{})
		}, domain.EventPasswordReset},
		domain.TokenEmailChange: {"new.", func(users *domain.UserService, token string) error {
			return users.ConfirmEmailChange(t.Context(), token, domain.Client{})
		}, domain.EventEmailChanged},
		domain.TokenEmailUndo: {"former.", func(users *domain.UserService, token string) error {
			return users.UndoEmailChange(t.Context(), token, domain.Client{})
		}, domain.EventEmailChangeUndone},
	} {
		user := pgtest.User(t, s.store, pgtest.UserOpts{})
		token := s.link(t, user, purpose, test.prefix+user.Email)
		var uses []func() error
		for i := range 100 {
			uses = append(uses, func() error { return test.use(servers[i%2].users, token) })
		}
		if n := succeeded(t, atOnce(uses...), domain.ErrInvalidOneTimeToken); n != 1 {
			t.Errorf("%s: the token was used %d times", purpose, n)
		}
		const count = "SELECT count(*) FROM audit_events WHERE target_id = $1 AND type = $2"
		if n := testdb.Value[int](t, s.url, count, user.ID, test.event); n != 1 {
			t.Errorf("%s: there are %d events", purpose, n)
		}
	}
}

// TestConcurrentResetAndLogin resets a password during logins with the old one: no session of them
// outlives the reset.
func TestConcurrentResetAndLogin(t *testing.T) {
	t.Parallel()
	servers := newMailings(t)
	s := servers[0]
	for range 10 {
		user := pgtest.User(t, s.store, pgtest.UserOpts{})
		token := s.link(t, user, domain.TokenPasswordReset, user.Email)
		login := func(on mailing) func() error {
			return func() error {
				_, err := on.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
				return err
			}
		}
		reset := func() error {
			return s.users.ConfirmPasswordReset(t.Context(), token, otherPassword, domain.Client{})
		}
		here, there := login(s), login(servers[1])
		succeeded(t, atOnce(here, there, reset, here, there), domain.ErrInvalidCredentials)
		live := testdb.Value[int](t, s.url, "SELECT count(*) FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", user.ID)
		if live != 0 {
			t.Fatalf("%d sessions outlive the reset", live)
		}
	}
}

// TestConcurrentChangesToOneEmail confirms the same new e-mail of two accounts.
func TestConcurrentChangesToOneEmail(t *testing.T) {
	t.Parallel()
	servers := newMailings(t)
	for range 10 {
		ada, bob := pgtest.User(t, servers[0].store, pgtest.UserOpts{}), pgtest.User(t, servers[0].store, pgtest.UserOpts{})
		shared := "shared." + ada.Email
		first := servers[0].link(t, ada, domain.TokenEmailChange, shared)
		second := servers[1].link(t, bob, domain.TokenEmailChange, shared)
		n := succeeded(t, atOnce(
			func() error { return servers[0].users.ConfirmEmailChange(t.Context(), first, domain.Client{}) },
			func() error { return servers[1].users.ConfirmEmailChange(t.Context(), second, domain.Client{}) },
		), domain.ErrEmailTaken)
		if n != 1 {
			t.Fatalf("%d accounts got the e-mail", n)
		}
	}
}

// TestConcurrentEmailChanges confirms a change during another request for a change. In the end the
// account has one of the e-mails, and a link is valid only for the pending one.
func TestConcurrentEmailChanges(t *testing.T) {
	t.Parallel()
	servers := newMailings(t)
	s := servers[0]
	for range 10 {
		user := pgtest.User(t, s.store, pgtest.UserOpts{})
		tokens, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
		must(t, err)
		actor, err := s.sessions.Authenticate(t.Context(), tokens.Access)
		must(t, err)
		password := pgtest.Password
		change := func(on mailing, email string) error {
			_, err := on.users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{Email: &email, CurrentPassword: &password})
			return err
		}
		first, second := "first."+user.Email, "second."+user.Email
		must(t, change(s, first))
		must(t, s.mails.SendLink(t.Context(), domain.LinkMail{UserID: user.ID, Purpose: domain.TokenEmailChange}))
		confirm := func() error { return s.users.ConfirmEmailChange(t.Context(), s.box.token, domain.Client{}) }
		n := succeeded(t, atOnce(confirm, func() error { return change(servers[1], second) }, confirm), domain.ErrInvalidOneTimeToken)
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

// TestInvitationIsAcceptedOnce accepts an invitation 100 times at once, on two servers.
func TestInvitationIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	servers := newMailings(t)
	s, other := servers[0], servers[1]
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
	for i := range 100 {
		uses = append(uses, func() error {
			_, err := services[i%2].AcceptInvitation(t.Context(), s.box.token, pgtest.Password, nil, domain.Client{})
			return err
		})
	}
	if n := succeeded(t, atOnce(uses...), domain.ErrInvalidOneTimeToken); n != 1 {
		t.Errorf("the invitation was accepted %d times", n)
	}
}
