package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/contracttest"
)

var accountMailFixture = fixture{
	public: []string{
		"confirmVerification", "requestPasswordReset", "confirmPasswordReset", "confirmEmailChange", "undoEmailChange",
	},
	samples: map[string]func(*apitest.Server, apitest.Account) string{
		"confirmVerification": func(s *apitest.Server, caller apitest.Account) string {
			_, err := caller.RequestVerificationWithResponse(s.T.Context())
			apitest.Must(s.T, err)
			return s.TokenTo(s.T, caller.Email, domain.MailVerification)
		},
		"confirmPasswordReset": func(s *apitest.Server, caller apitest.Account) string { return requestReset(s, caller.Email) },
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

// verify makes the e-mail of an account verified.
func verify(s *apitest.Server, a apitest.Account) {
	s.T.Helper()
	pgtest.Exec(s.T, s.Database, "UPDATE users SET email_verified_at = now() WHERE email = $1", a.Email)
}

// user returns the account as its owner sees it.
func user(t *testing.T, a apitest.Account) apiclient.User {
	t.Helper()
	me, err := a.GetCurrentUserWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", me.StatusCode(), http.StatusOK, me.Body)
	return *me.JSON200
}

func TestVerification(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	apitest.Want(t, "whether verified", user(t, ada).EmailVerifiedAt == nil, true, nil)
	first := s.TokenTo(t, ada.Email, domain.MailVerification)

	resent, err := ada.RequestVerificationWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", resent.StatusCode(), http.StatusAccepted, resent.Body)
	second := s.TokenTo(t, ada.Email, domain.MailVerification)
	again, err := ada.RequestVerificationWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status within a minute", again.StatusCode(), http.StatusTooManyRequests, again.Body)

	confirm := func(token string) *apiclient.ConfirmVerificationResponse {
		response, err := s.Client("").ConfirmVerificationWithResponse(t.Context(), apiclient.OneTimeTokenRequest{Token: token})
		apitest.Must(t, err)
		return response
	}
	for _, test := range []struct {
		name, token string
		status      int
	}{
		{"malformed", "ot_x", 401},
		{"unknown", exampleToken[:46], 401},
		{"replaced", first, 401},
		{"valid", second, 204},
		{"used", second, 401},
	} {
		response := confirm(test.token)
		apitest.Want(t, test.name, response.StatusCode(), test.status, response.Body)
		if test.status == http.StatusUnauthorized {
			apitest.Want(t, "code", response.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidOneTimeToken, response.Body)
		}
	}
	apitest.Want(t, "whether verified", user(t, ada).EmailVerifiedAt != nil, true, nil)

	sent := len(s.MailsTo(t, ada.Email))
	_, err = ada.RequestVerificationWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "mails after a request of a verified account", len(s.MailsTo(t, ada.Email)), sent, nil)

	bob := s.Register()
	expired := s.TokenTo(t, bob.Email, domain.MailVerification)
	pgtest.Exec(t, s.Database, "UPDATE one_time_tokens SET expires_at = now()")
	apitest.Want(t, "expired", confirm(expired).StatusCode(), http.StatusUnauthorized, nil)
	purged, err := s.Services.Users.PurgeOneTimeTokens(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "whether tokens were purged", purged > 0, true, nil)
}

// TestScannersUseNoToken sends what programs that scan mails send, to all operations that could use a
// token. It must be a POST that uses one.
func TestScannersUseNoToken(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	token := s.TokenTo(t, s.Register().Email, domain.MailVerification)
	for _, op := range apitest.Contract.Operations() {
		if !strings.HasPrefix(op.Path, "/api/v1/auth/") {
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			response, body := s.Do(method, op.Path+"?token="+token, nil, "")
			apitest.Want(t, method+" "+op.Path, response.StatusCode, http.StatusMethodNotAllowed, []byte(body))
		}
	}
	response, err := s.Client("").ConfirmVerificationWithResponse(t.Context(), apiclient.OneTimeTokenRequest{Token: token})
	apitest.Must(t, err)
	apitest.Want(t, "status of the owner's POST", response.StatusCode(), http.StatusNoContent, response.Body)
}

// TestMailsToAMailboxAreLimited checks one mail a minute, and ten a day.
func TestMailsToAMailboxAreLimited(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	statuses := map[int]int{}
	for range 11 {
		reset, err := s.Client("").RequestPasswordResetWithResponse(t.Context(), apiclient.RequestPasswordResetRequest{
			Email: "unknown@example.com",
		})
		apitest.Must(t, err)
		statuses[reset.StatusCode()]++
		refused, err := s.Client("").RequestPasswordResetWithResponse(t.Context(), apiclient.RequestPasswordResetRequest{
			Email: "UNKNOWN@example.com",
		})
		apitest.Must(t, err)
		apitest.Want(t, "status within a minute", refused.StatusCode(), http.StatusTooManyRequests, refused.Body)
		pgtest.Exec(t, s.Database, `UPDATE throttles SET blocked_until = blocked_until - interval '1 minute',
			forgiven_at = forgiven_at - interval '1 minute'`)
	}
	apitest.Want(t, "mails of a day", statuses[http.StatusAccepted], 10, nil)
	apitest.Want(t, "refusals", statuses[http.StatusTooManyRequests], 1, nil)
}

// TestUnverifiedAccounts sends each operation with a role as an account with an unverified e-mail to
// a server that requires verified ones.
func TestUnverifiedAccounts(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"REQUIRE_VERIFIED_EMAIL": "true"}})
	spec, err := api.GetSpec()
	apitest.Must(t, err)
	contract, err := apispec.New(spec, apispec.Rules{Roles: apicontract.Roles(), RateClasses: apicontract.RateClasses()})
	apitest.Must(t, err)
	allowed := map[string]bool{}
	for _, op := range contract.Operations() {
		allowed[op.ID] = op.AllowsUnverified
	}
	send := func(op contracttest.Operation, as apitest.Account) apiclient.ProblemCode {
		response, body := s.Send(t, apitest.Documented(t, op).As(as))
		return apitest.ProblemOf(t, response, body).Code
	}
	verified := s.RegisterAdmin()
	verify(s, verified)
	for _, op := range apitest.Contract.Operations() {
		if op.Role == "" {
			continue
		}
		refused := send(op, s.RegisterAdmin()) == apiclient.ProblemCodeEmailNotVerified
		apitest.Want(t, op.ID+" refuses unverified accounts", refused, !allowed[op.ID], nil)
		if refused {
			refused = send(op, verified) == apiclient.ProblemCodeEmailNotVerified
			apitest.Want(t, op.ID+" refuses verified accounts", refused, false, nil)
		}
	}
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
	pgtest.Exec(t, s.Database, "DELETE FROM one_time_tokens") // no server lets it come to this
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
