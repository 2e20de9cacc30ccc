package httpapi_test

import (
	"net/http"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

var emailChangeFixture = fixture{
	public: []string{"confirmEmailChange", "undoEmailChange"},
	samples: map[string]func(*apitest.Server, apitest.Account) string{
		"confirmEmailChange": func(s *apitest.Server, caller apitest.Account) string {
			return changeEmail(s, caller, "ada.king@example.com")
		},
		"undoEmailChange": func(s *apitest.Server, caller apitest.Account) string {
			verify(s, caller)
			changeEmail(s, caller, "ada.king@example.com")
			return s.TokenTo(s.T, caller.Email, domain.MailEmailChangeNotice)
		},
	},
}

// changeEmail requests a change of the e-mail, and returns the token of the link that confirms it.
func changeEmail(s *apitest.Server, a apitest.Account, email string) string {
	s.T.Helper()
	response, err := a.UpdateCurrentUserWithResponse(s.T.Context(), nil, apiclient.UpdateCurrentUserRequest{
		Email: &email, CurrentPassword: new(apitest.Password),
	})
	apitest.Must(s.T, err)
	apitest.Want(s.T, "status", response.StatusCode(), http.StatusOK, response.Body)
	apitest.Want(s.T, "pending e-mail", *response.JSON200.PendingEmail, email, response.Body)
	return s.TokenTo(s.T, email, domain.MailEmailChangeConfirm)
}

func confirmChange(s *apitest.Server, token string) *apiclient.ConfirmEmailChangeResponse {
	s.T.Helper()
	response, err := s.Client("").ConfirmEmailChangeWithResponse(s.T.Context(), apiclient.OneTimeTokenRequest{Token: token})
	apitest.Must(s.T, err)
	return response
}

func undoChange(s *apitest.Server, token string) *apiclient.UndoEmailChangeResponse {
	s.T.Helper()
	response, err := s.Client("").UndoEmailChangeWithResponse(s.T.Context(), apiclient.OneTimeTokenRequest{Token: token})
	apitest.Must(s.T, err)
	return response
}

func TestEmailChange(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})

	t.Run("a new e-mail is confirmed by its mailbox", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada, email := s.Register(), apitest.NewEmail()
		token := changeEmail(s, ada, email)
		confirmed := confirmChange(s, token)
		apitest.Want(t, "status", confirmed.StatusCode(), http.StatusNoContent, confirmed.Body)
		apitest.Want(t, "status of a used token", confirmChange(s, token).StatusCode(), http.StatusUnauthorized, nil)
		me := user(t, ada)
		apitest.Want(t, "e-mail", me.Email, email, nil)
		apitest.Want(t, "pending e-mail", me.PendingEmail, nil, nil)
		apitest.Want(t, "whether verified", me.EmailVerifiedAt != nil, true, nil)
		for _, mail := range s.MailsTo(t, ada.Email) { // not known to be Ada's
			apitest.Want(t, "mail to an unverified e-mail", mail.Template, domain.MailVerification, nil)
		}
	})
	t.Run("the current e-mail and a new password cancel a change", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		for _, change := range []func(a apitest.Account) apiclient.UpdateCurrentUserRequest{
			func(a apitest.Account) apiclient.UpdateCurrentUserRequest {
				return apiclient.UpdateCurrentUserRequest{Email: &a.Email}
			},
			func(apitest.Account) apiclient.UpdateCurrentUserRequest {
				return apiclient.UpdateCurrentUserRequest{Password: new(newPassword)}
			},
		} {
			ada := s.Register()
			token := changeEmail(s, ada, apitest.NewEmail())
			cancel := change(ada)
			cancel.CurrentPassword = new(apitest.Password)
			canceled, err := ada.UpdateCurrentUserWithResponse(t.Context(), nil, cancel)
			apitest.Must(t, err)
			apitest.Want(t, "pending e-mail", canceled.JSON200.PendingEmail, nil, canceled.Body)
			apitest.Want(t, "status", confirmChange(s, token).StatusCode(), http.StatusUnauthorized, nil)
		}
	})
	t.Run("an e-mail that another account got meanwhile is taken", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada, email := s.Register(), apitest.NewEmail()
		token := changeEmail(s, ada, email)
		pgtest.User(t, s.Store, pgtest.UserOpts{Email: email})
		taken := confirmChange(s, token)
		apitest.Want(t, "status", taken.StatusCode(), http.StatusConflict, taken.Body)
		apitest.Want(t, "code", taken.ApplicationProblemJSON409.Code, apiclient.ProblemCodeEmailTaken, taken.Body)
	})
}

// TestUndoEmailChange has a stranger, who knows the password, change the e-mail of an account twice.
func TestUndoEmailChange(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada, second, third := s.Register(), apitest.NewEmail(), apitest.NewEmail()
	verify(s, ada)
	apitest.Want(t, "status", confirmChange(s, changeEmail(s, ada, second)).StatusCode(), http.StatusNoContent, nil)
	apitest.Want(t, "status", confirmChange(s, changeEmail(s, ada, third)).StatusCode(), http.StatusNoContent, nil)
	registered, err := s.Client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{
		Email: ada.Email, Password: apitest.Password,
	})
	apitest.Must(t, err)
	apitest.Want(t, "status of a registration of the old e-mail", registered.StatusCode(), http.StatusConflict, registered.Body)
	resetOfThird := requestReset(s, third)

	token := s.TokenTo(t, ada.Email, domain.MailEmailChangeNotice)
	undone := undoChange(s, token)
	apitest.Want(t, "status", undone.StatusCode(), http.StatusNoContent, undone.Body)
	apitest.Want(t, "status of a used token", undoChange(s, token).StatusCode(), http.StatusUnauthorized, nil)
	s.WantSession(t, ada, false)
	account := s.User(ada)
	apitest.Want(t, "whether verified", account.EmailVerifiedAt != nil, true, nil)
	apitest.Want(t, "login with the known password", loginAttempt{ada.Email, apitest.Password}.status(s), http.StatusUnauthorized, nil)
	apitest.Want(t, "the stranger's reset", confirmReset(s, resetOfThird, newPassword).StatusCode(), http.StatusUnauthorized, nil)
	reset := confirmReset(s, s.TokenTo(t, ada.Email, domain.MailPasswordReset), newPassword)
	apitest.Want(t, "status of the reset", reset.StatusCode(), http.StatusNoContent, reset.Body)
	apitest.Want(t, "login after it", loginAttempt{ada.Email, newPassword}.status(s), http.StatusOK, nil)

	bob, email := s.Register(), apitest.NewEmail()
	verify(s, bob)
	changeEmail(s, bob, email)
	token = s.TokenTo(t, bob.Email, domain.MailEmailChangeNotice)
	apitest.Want(t, "status", confirmChange(s, s.TokenTo(t, email, domain.MailEmailChangeConfirm)).StatusCode(), http.StatusNoContent, nil)
	pgtest.User(t, s.Store, pgtest.UserOpts{Email: bob.Email}) // in spite of the reservation
	taken := undoChange(s, token)
	apitest.Want(t, "status", taken.StatusCode(), http.StatusConflict, taken.Body)
}

// TestEmailChangesImmediately checks EMAIL_CHANGE=immediate, and a service that sends no mails.
func TestEmailChangesImmediately(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"EMAIL_CHANGE": "immediate"}})
	ada, email := s.Register(), apitest.NewEmail()
	verify(s, ada)
	changed, err := ada.UpdateCurrentUserWithResponse(t.Context(), nil, apiclient.UpdateCurrentUserRequest{
		Email: &email, CurrentPassword: new(apitest.Password),
	})
	apitest.Must(t, err)
	apitest.Want(t, "e-mail", changed.JSON200.Email, email, changed.Body)
	apitest.Want(t, "whether verified", changed.JSON200.EmailVerifiedAt != nil, false, changed.Body)
	mails := s.MailsTo(t, ada.Email)
	apitest.Want(t, "mail to the old e-mail", mails[len(mails)-1].Template, domain.MailEmailChanged, nil)
	s.TokenTo(t, email, domain.MailVerification)
}

// TestNewDevicesAreTold checks that the owner gets a mail for a device never seen before only.
func TestNewDevicesAreTold(t *testing.T) {
	t.Parallel()
	for setting, wanted := range map[string]int{"true": 1, "false": 0} {
		s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"NEW_DEVICE_MAILS": setting}})
		ada := s.Register()
		login := apiclient.LoginUserRequest{Email: ada.Email, Password: apitest.Password}
		for _, logins := range []struct {
			device *string
			wanted int
		}{{ada.Tokens.DeviceToken, 0}, {nil, wanted}} {
			login.DeviceToken = logins.device
			_, err := s.Client("").LoginUserWithResponse(t.Context(), login)
			apitest.Must(t, err)
			told := 0
			for _, mail := range s.MailsTo(t, ada.Email) {
				if mail.Template == domain.MailNewDeviceSignIn {
					told++
				}
			}
			apitest.Want(t, "mails with NEW_DEVICE_MAILS="+setting, told, logins.wanted, nil)
		}
	}
}
