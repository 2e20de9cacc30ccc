package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/servertest"
)

var sessionFixture = fixture{
	public: []string{"registerUser", "loginUser", "refreshTokens", "logoutUser"},
	rows: map[string]rows{
		"revokeCurrentUserSession": {create: func(_ *apitest.Server, owner apitest.Account) contracttest.Row {
			return contracttest.Row{"id": apitest.ClaimOf(owner, "sid")}
		}},
	},
	knownTo: func(_ *apitest.Server, a apitest.Account) contracttest.Known {
		return contracttest.Known{"id": {apitest.ClaimOf(a, "sid")}, "refresh_token": {a.Tokens.RefreshToken}}
	},
}

func TestRegisterUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	name := "Ada Lovelace"
	ada := apiclient.RegisterUserRequest{Email: "Ada@Example.com", Password: apitest.Password, Name: &name}

	response, err := s.Client("").RegisterUserWithResponse(t.Context(), ada)
	apitest.Must(t, err)
	apitest.Want(t, "status", response.StatusCode(), http.StatusCreated, response.Body)

	t.Run("creates an active user and their first session", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		apitest.Want(t, "expires_in", response.JSON201.ExpiresIn, 15*60, response.Body)

		me, err := s.Client(response.JSON201.AccessToken).GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "email", me.JSON200.Email, ada.Email, me.Body)
		apitest.Want(t, "name", *me.JSON200.Name, name, me.Body)
		apitest.Want(t, "role", me.JSON200.Role, apiclient.UserRoleUser, me.Body)
	})
	t.Run("refuses an e-mail that differs in case only", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		again := ada
		again.Email = strings.ToLower(ada.Email)
		response, err := s.Client("").RegisterUserWithResponse(t.Context(), again)
		apitest.Must(t, err)
		apitest.Want(t, "status", response.StatusCode(), http.StatusConflict, response.Body)
		apitest.Want(t, "code", response.ApplicationProblemJSON409.Code, apiclient.ProblemCodeEmailTaken, response.Body)
	})
	for _, test := range []struct{ name, password, code string }{
		{"a common password", "password1234567", "password_blocklisted"},
		{"a password made of the e-mail", "Grace.Hopper-1906", "password_blocklisted"},
		{"a password that shrinks when normalized", strings.Repeat("e\u0301", 14), "too_short"},
		{"a password of too many bytes", strings.Repeat("\U0001F600", 128) + strings.Repeat("\u0301", 400), "too_long"},
	} {
		t.Run("refuses "+test.name, func(t *testing.T) {
			t.Parallel()
			s := s.In(t)
			response, err := s.Client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{
				Email: "grace.hopper@example.com", Password: test.password,
			})
			apitest.Must(t, err)
			apitest.Want(t, "status", response.StatusCode(), http.StatusUnprocessableEntity, response.Body)
			entry := response.ApplicationProblemJSON422.Errors[0]
			apitest.Want(t, "pointer", *entry.Pointer, "/password", response.Body)
			apitest.Want(t, "code", entry.Code, test.code, response.Body)
		})
	}
}

func TestLoginUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada, inactive := s.Register(), s.Register()
	isActive := false
	_, err := s.Store.UpdateUser(t.Context(), s.User(inactive).ID, domain.UserUpdate{IsActive: &isActive})
	apitest.Must(t, err)

	t.Run("opens another session, whatever the case of the e-mail", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		response, err := s.Client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{
			Email: strings.ToUpper(ada.Email), Password: apitest.Password,
		})
		apitest.Must(t, err)
		apitest.Want(t, "status", response.StatusCode(), http.StatusOK, response.Body)
		if response.JSON200.RefreshToken == ada.Tokens.RefreshToken {
			t.Error("both sessions have the same refresh token")
		}
	})
	t.Run("says the same of unknown e-mails, wrong passwords and inactive accounts", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		answers := map[string]bool{}
		for _, login := range []apiclient.LoginUserRequest{
			{Email: "nobody@example.com", Password: apitest.Password},
			{Email: "not an e-mail", Password: apitest.Password},
			{Email: ada.Email, Password: "x"},
			{Email: ada.Email, Password: strings.Repeat("x", 1024)},
			{Email: inactive.Email, Password: apitest.Password},
		} {
			response, err := s.Client("").LoginUserWithResponse(t.Context(), login)
			apitest.Must(t, err)
			apitest.Want(t, "status", response.StatusCode(), http.StatusUnauthorized, response.Body)
			header := response.HTTPResponse.Header.Clone()
			id := header.Get("X-Request-ID")
			header.Del("X-Request-ID")
			header.Del("Date")
			answers[strings.ReplaceAll(string(response.Body), id, "")+servertest.HeaderText(header)] = true
		}
		if len(answers) != 1 {
			t.Errorf("there are %d different answers: %v", len(answers), answers)
		}
	})
	t.Run("bounds the password in bytes", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		response, err := s.Client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{
			Email: ada.Email, Password: strings.Repeat("é", 600),
		})
		apitest.Must(t, err)
		apitest.Want(t, "status", response.StatusCode(), http.StatusUnprocessableEntity, response.Body)
	})
}

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"REFRESH_GRACE_SECONDS": "0"}})
	ada := s.Register()
	refresh := func(t *testing.T, token string) *apiclient.RefreshTokensResponse {
		t.Helper()
		response, err := s.Client("").RefreshTokensWithResponse(t.Context(), apiclient.RefreshTokensRequest{RefreshToken: token})
		apitest.Must(t, err)
		return response
	}

	t.Run("gives the next pair of the session", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		next := refresh(t, ada.Tokens.RefreshToken)
		apitest.Want(t, "status", next.StatusCode(), http.StatusOK, next.Body)
		me, err := s.Client(next.JSON200.AccessToken).GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "email", me.JSON200.Email, ada.Email, me.Body)
	})
	t.Run("ends the session when a token is used twice", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		bob := s.Register()
		next := refresh(t, bob.Tokens.RefreshToken)
		apitest.Want(t, "first use", next.StatusCode(), http.StatusOK, next.Body)
		again := refresh(t, bob.Tokens.RefreshToken)
		apitest.Want(t, "second use", again.StatusCode(), http.StatusUnauthorized, again.Body)
		successor := refresh(t, next.JSON200.RefreshToken)
		apitest.Want(t, "successor", successor.StatusCode(), http.StatusUnauthorized, successor.Body)
		me, err := bob.GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "access token", me.StatusCode(), http.StatusUnauthorized, me.Body)
	})
	for _, token := range []string{"", "x", "rt_", ada.Tokens.AccessToken, ada.Tokens.RefreshToken + "x", strings.Repeat("rt_", 9000)} {
		t.Run("does not take just any text", func(t *testing.T) {
			t.Parallel()
			response := refresh(t, token)
			apitest.Want(t, "status", response.StatusCode(), http.StatusUnauthorized, response.Body)
			apitest.Want(t, "code", response.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidRefreshToken, response.Body)
		})
	}
	t.Run("needs the member", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		response, body := s.Do(http.MethodPost, "/api/v1/auth/refresh", apitest.JSONHeader(), `{}`)
		apitest.Want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, []byte(body))
	})
}
