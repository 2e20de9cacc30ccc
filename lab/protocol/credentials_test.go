package protocol_test

import (
	"cmp"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

// TestWholePasswordCounts checks that passwords are not truncated, and are normalized (NFKC).
func TestWholePasswordCounts(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	const phrase = "correct horse battery staple"
	for name, test := range map[string]struct{ set, sent, wrong string }{
		"bytes beyond the 72nd":  {phrase + strings.Repeat("a", 44) + "x", phrase + strings.Repeat("a", 44) + "x", phrase + strings.Repeat("a", 44) + "y"},
		"all of 128 characters":  {phrase + strings.Repeat("é", 99) + "x", phrase + strings.Repeat("é", 99) + "x", phrase + strings.Repeat("é", 99)},
		"composed or decomposed": {"caf\u00e9 cr\u00e8me br\u00fbl\u00e9e", "cafe\u0301 cre\u0300me bru\u0302le\u0301e", "cafe creme brulee"},
		"ligatures and widths":   {"o\ufb03ce \uff24oor 7 to the left", "office Door 7 to the left", "office door 7 to the left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.In(t)
			email := apitest.NewEmail()
			registered, err := s.Client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{Email: email, Password: test.set})
			apitest.Must(t, err)
			apitest.Want(t, "status", registered.StatusCode(), http.StatusCreated, registered.Body)
			for password, status := range map[string]int{test.set: http.StatusOK, test.sent: http.StatusOK, test.wrong: http.StatusUnauthorized} {
				login, err := s.Client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{Email: email, Password: password})
				apitest.Must(t, err)
				apitest.Want(t, "status", login.StatusCode(), status, login.Body)
				changed, err := s.Client(registered.JSON201.AccessToken).UpdateCurrentUserWithResponse(t.Context(), nil,
					apiclient.UpdateCurrentUserRequest{Email: &email, CurrentPassword: &password})
				apitest.Must(t, err)
				apitest.Want(t, "may change the e-mail", changed.StatusCode() == http.StatusOK, status == http.StatusOK, changed.Body)
			}
		})
	}
}

// TestPasswordMinLengthIsASetting checks the setting, and that responses report it rather than the
// minLength of the contract.
func TestPasswordMinLengthIsASetting(t *testing.T) {
	t.Parallel()
	for setting, statuses := range map[string]map[string]int{
		"":   {"kv7#Qw2m:xR": 422, "kv7#Qw2m:xR9": 422, "kv7#Qw2m:xR9/v": 422, "kv7#Qw2m:xR9/v4": 201},
		"12": {"kv7#Qw2m:xR": 422, "kv7#Qw2m:xR9": 201},
	} {
		s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"PASSWORD_MIN_LENGTH": setting}})
		least := "Must have at least " + cmp.Or(setting, "15") + " characters."
		for password, status := range statuses {
			response, body := s.Send(t, apitest.Register(apitest.Credentials(apitest.NewEmail(), password)))
			apitest.Want(t, "status of "+password, response.StatusCode, status, body)
			if status == http.StatusUnprocessableEntity && !strings.Contains(string(body), least) {
				t.Errorf("the answer does not say %q: %s", least, body)
			}
		}
		old := pgtest.User(t, s.Store, pgtest.UserOpts{PasswordHash: pgtest.HashPassword(t, "short")})
		response, body := s.Send(t, apitest.Login(apitest.Credentials(old.Email, "short")))
		apitest.Want(t, "status of a login with an old password", response.StatusCode, http.StatusOK, body)
	}
}

// A hash that was imported and cannot be read looks like a wrong password to its owner, so the
// operator is told.
func TestUnreadableHashIsLogged(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	user := pgtest.User(t, s.Store, pgtest.UserOpts{PasswordHash: "{SSHA}c2VjcmV0"})
	answer := func(email string) string {
		response, body := s.Send(t, apitest.Login(apitest.Credentials(email, apitest.Password)))
		return servertest.Comparable(t, response, body, 15)
	}
	apitest.Want(t, "answer", answer(user.Email), answer(apitest.NewEmail()), nil)
	log := s.Logs.String()
	if !strings.Contains(log, "password hash unreadable") || !strings.Contains(log, user.ID) || strings.Contains(log, "c2VjcmV0") {
		t.Errorf("the log is %s", log)
	}
}
