package plinth_test

import (
	"context"
	"strings"
	"testing"
	"time"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
)

// mails is a [domain.Mailer]. Its capacity is above what a test sends.
type mails chan domain.Mail

func (m mails) Send(_ context.Context, mail domain.Mail) error {
	m <- mail
	return nil
}

// tokenTo waits for a mail to an address, and returns the token of its link.
func (m mails) tokenTo(t *testing.T, address string, template domain.MailTemplate) string {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case mail := <-m:
			if mail.To == address && mail.Template == template {
				_, token, _ := strings.Cut(mail.Link, "#token=")
				return token
			}
			m <- mail // for a later call
		case <-late:
			t.Fatalf("%s got no %s", address, template)
		}
	}
}

func TestAccountMails(t *testing.T) {
	t.Parallel()
	sent, email := make(mails, 20), newEmail()
	url := startServerWith(t, sent)
	client, err := plinth.New(url, plinth.Options{})
	must(t, err)
	must(t, client.Register(t.Context(), email, password, ""))
	verify := apiclient.OneTimeTokenRequest{Token: sent.tokenTo(t, email, domain.MailVerification)}
	_, err = client.ConfirmVerificationWithResponse(t.Context(), verify)
	must(t, err)
	_, err = client.ConfirmVerificationWithResponse(t.Context(), verify)
	if !plinth.IsProblem(err, apiclient.ProblemCodeInvalidOneTimeToken) {
		t.Errorf("a used link: %v", err)
	}

	next := newEmail()
	_, err = client.UpdateCurrentUserWithResponse(t.Context(), nil, apiclient.UpdateCurrentUserRequest{
		Email: &next, CurrentPassword: new(password),
	})
	must(t, err)
	change := apiclient.OneTimeTokenRequest{Token: sent.tokenTo(t, next, domain.MailEmailChangeConfirm)}
	_, err = client.ConfirmEmailChangeWithResponse(t.Context(), change)
	must(t, err)
	undo := apiclient.OneTimeTokenRequest{Token: sent.tokenTo(t, email, domain.MailEmailChangeNotice)}
	_, err = client.UndoEmailChangeWithResponse(t.Context(), undo)
	must(t, err)

	const better = "a longer horse battery staple"
	_, err = client.ConfirmPasswordResetWithResponse(t.Context(), apiclient.ConfirmPasswordResetRequest{
		Token: sent.tokenTo(t, email, domain.MailPasswordReset), Password: better,
	})
	must(t, err)
	must(t, client.Login(t.Context(), email, better))
	me, err := client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	if me.JSON200.Email != email || me.JSON200.EmailVerifiedAt == nil {
		t.Errorf("the account after all: %s", me.Body)
	}
}
