package httpapi_test

import (
	"net/http"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
)

var passwordResetFixture = fixture{
	public: []string{"requestPasswordReset", "confirmPasswordReset"},
	samples: map[string]func(*apitest.Server, apitest.Account) string{
		"confirmPasswordReset": func(s *apitest.Server, caller apitest.Account) string { return requestReset(s, caller.Email) },
	},
}

const newPassword = "a longer horse battery staple"

// requestReset returns the token of a link that resets a password.
func requestReset(s *apitest.Server, email string) string {
	s.T.Helper()
	response, err := s.Client("").RequestPasswordResetWithResponse(s.T.Context(), apiclient.RequestPasswordResetRequest{Email: email})
	apitest.Must(s.T, err)
	apitest.Want(s.T, "status", response.StatusCode(), http.StatusAccepted, response.Body)
	return s.TokenTo(s.T, email, domain.MailPasswordReset)
}

func confirmReset(s *apitest.Server, token, password string) *apiclient.ConfirmPasswordResetResponse {
	s.T.Helper()
	response, err := s.Client("").ConfirmPasswordResetWithResponse(s.T.Context(), apiclient.ConfirmPasswordResetRequest{
		Token: token, Password: password,
	})
	apitest.Must(s.T, err)
	return response
}

type loginAttempt struct{ email, password string }

func (h loginAttempt) status(s *apitest.Server) int {
	s.T.Helper()
	response, err := s.Client("").LoginUserWithResponse(s.T.Context(), apiclient.LoginUserRequest{Email: h.email, Password: h.password})
	apitest.Must(s.T, err)
	return response.StatusCode()
}

// TestPasswordResetTakesAccountBack registers the e-mail of a victim, who then resets the password.
func TestPasswordResetTakesAccountBack(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	squatter := s.Register()
	own := apitest.NewEmail()
	changed, err := squatter.UpdateCurrentUserWithResponse(t.Context(), nil, apiclient.UpdateCurrentUserRequest{
		Email: &own, CurrentPassword: new(apitest.Password),
	})
	apitest.Must(t, err)
	apitest.Want(t, "status", changed.StatusCode(), http.StatusOK, changed.Body)
	pending := s.TokenTo(t, own, domain.MailEmailChangeConfirm)

	token := requestReset(s, squatter.Email)
	weak := confirmReset(s, token, "password1234567")
	apitest.Want(t, "status of a weak password", weak.StatusCode(), http.StatusUnprocessableEntity, weak.Body)
	reset := confirmReset(s, token, newPassword)
	apitest.Want(t, "status", reset.StatusCode(), http.StatusNoContent, reset.Body)
	again := confirmReset(s, token, newPassword)
	apitest.Want(t, "status of a used token", again.StatusCode(), http.StatusUnauthorized, again.Body)

	s.WantSession(t, squatter, false)
	apitest.Want(t, "old password", loginAttempt{squatter.Email, apitest.Password}.status(s), http.StatusUnauthorized, nil)
	apitest.Want(t, "new password", loginAttempt{squatter.Email, newPassword}.status(s), http.StatusOK, nil)
	account := s.User(squatter)
	apitest.Want(t, "whether verified", account.EmailVerifiedAt != nil, true, nil)
	apitest.Want(t, "pending e-mail", account.PendingEmail, nil, nil)
	late, err := s.Client("").ConfirmEmailChangeWithResponse(t.Context(), apiclient.OneTimeTokenRequest{Token: pending})
	apitest.Must(t, err)
	apitest.Want(t, "status of the stranger's change", late.StatusCode(), http.StatusUnauthorized, late.Body)
	mails := s.MailsTo(t, squatter.Email)
	told := false
	for _, mail := range mails {
		told = told || mail.Template == domain.MailPasswordChanged
	}
	apitest.Want(t, "whether the owner was told", told, true, nil)
}

// TestPasswordResetOfNoAccountSendsNothing checks that no link is for an inactive account, and that a
// reset resets the throttle.
func TestPasswordResetOfNoAccountSendsNothing(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	inactive, ada := s.Register(), s.Register()
	isActive := false
	_, err := s.Store.UpdateUser(t.Context(), s.User(inactive).ID, domain.UserUpdate{IsActive: &isActive})
	apitest.Must(t, err)
	s.MailsTo(t, "") // of the registrations
	for _, email := range []string{inactive.Email, "nobody@example.com"} {
		response, err := s.Client("").RequestPasswordResetWithResponse(t.Context(), apiclient.RequestPasswordResetRequest{Email: email})
		apitest.Must(t, err)
		apitest.Want(t, "status", response.StatusCode(), http.StatusAccepted, response.Body)
		for _, mail := range s.MailsTo(t, email) {
			apitest.Want(t, "mail", mail.Template, domain.MailVerification, nil)
		}
	}
	s.FailToLogIn(t, ada.Email, 5)
	apitest.Want(t, "throttled login", loginAttempt{ada.Email, apitest.Password}.status(s), http.StatusTooManyRequests, nil)
	reset := confirmReset(s, requestReset(s, ada.Email), newPassword)
	apitest.Want(t, "status", reset.StatusCode(), http.StatusNoContent, reset.Body)
	apitest.Want(t, "login after the reset", loginAttempt{ada.Email, newPassword}.status(s), http.StatusOK, nil)
}
