package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/contracttest"
)

var sessionFixture = fixture{
	public: []string{"registerUser", "loginUser", "refreshTokens", "logoutUser"},
	rows: map[string]rows{
		"revokeCurrentUserSession": {create: func(_ *server, owner account) contracttest.Row {
			return contracttest.Row{"id": claimOf(owner, "sid")}
		}},
	},
	knownTo: func(_ *server, a account) contracttest.Known {
		return contracttest.Known{"id": {claimOf(a, "sid")}, "refresh_token": {a.tokens.RefreshToken}}
	},
}

func TestRegisterUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	name := "Ada Lovelace"
	ada := apiclient.RegisterUserRequest{Email: "Ada@Example.com", Password: password, Name: &name}

	response, err := s.client("").RegisterUserWithResponse(t.Context(), ada)
	must(t, err)
	want(t, "status", response.StatusCode(), http.StatusCreated, response.Body)

	t.Run("creates an active user and their first session", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		want(t, "expires_in", response.JSON201.ExpiresIn, 15*60, response.Body)

		me, err := s.client(response.JSON201.AccessToken).GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "email", me.JSON200.Email, ada.Email, me.Body)
		want(t, "name", *me.JSON200.Name, name, me.Body)
		want(t, "role", me.JSON200.Role, apiclient.UserRoleUser, me.Body)
	})
	t.Run("refuses an e-mail that differs in case only", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		again := ada
		again.Email = strings.ToLower(ada.Email)
		response, err := s.client("").RegisterUserWithResponse(t.Context(), again)
		must(t, err)
		want(t, "status", response.StatusCode(), http.StatusConflict, response.Body)
		want(t, "code", response.ApplicationProblemJSON409.Code, apiclient.ProblemCodeEmailTaken, response.Body)
	})
	for _, test := range []struct{ name, password, code string }{
		{"a common password", "password1234567", "password_blocklisted"},
		{"a password made of the e-mail", "Grace.Hopper-1906", "password_blocklisted"},
		{"a password that shrinks when normalised", strings.Repeat("e\u0301", 14), "too_short"},
		{"a password of too many bytes", strings.Repeat("\U0001F600", 128) + strings.Repeat("\u0301", 400), "too_long"},
	} {
		t.Run("refuses "+test.name, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			response, err := s.client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{
				Email: "grace.hopper@example.com", Password: test.password,
			})
			must(t, err)
			want(t, "status", response.StatusCode(), http.StatusUnprocessableEntity, response.Body)
			entry := response.ApplicationProblemJSON422.Errors[0]
			want(t, "pointer", *entry.Pointer, "/password", response.Body)
			want(t, "code", entry.Code, test.code, response.Body)
		})
	}
}

func TestLoginUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada, inactive := s.register(), s.register()
	isActive := false
	_, err := s.store.UpdateUser(t.Context(), s.user(inactive).ID, domain.UserUpdate{IsActive: &isActive})
	must(t, err)

	t.Run("opens another session, whatever the case of the e-mail", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		response, err := s.client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{
			Email: strings.ToUpper(ada.email), Password: password,
		})
		must(t, err)
		want(t, "status", response.StatusCode(), http.StatusOK, response.Body)
		if response.JSON200.RefreshToken == ada.tokens.RefreshToken {
			t.Error("both sessions have the same refresh token")
		}
	})
	t.Run("says the same of unknown e-mails, wrong passwords and inactive accounts", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		answers := map[string]bool{}
		for _, login := range []apiclient.LoginUserRequest{
			{Email: "nobody@example.com", Password: password},
			{Email: "not an e-mail", Password: password},
			{Email: ada.email, Password: "x"},
			{Email: ada.email, Password: strings.Repeat("x", 1024)},
			{Email: inactive.email, Password: password},
		} {
			response, err := s.client("").LoginUserWithResponse(t.Context(), login)
			must(t, err)
			want(t, "status", response.StatusCode(), http.StatusUnauthorized, response.Body)
			header := response.HTTPResponse.Header.Clone()
			id := header.Get("X-Request-ID")
			header.Del("X-Request-ID")
			header.Del("Date")
			answers[strings.ReplaceAll(string(response.Body), id, "")+mapString(header)] = true
		}
		if len(answers) != 1 {
			t.Errorf("there are %d different answers: %v", len(answers), answers)
		}
	})
	t.Run("bounds the password in bytes", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		response, err := s.client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{
			Email: ada.email, Password: strings.Repeat("é", 600),
		})
		must(t, err)
		want(t, "status", response.StatusCode(), http.StatusUnprocessableEntity, response.Body)
	})
}

func mapString(header http.Header) string {
	var b strings.Builder
	_ = header.Write(&b) // sorted
	return b.String()
}

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{settings: map[string]string{"REFRESH_GRACE_SECONDS": "0"}})
	ada := s.register()
	refresh := func(t *testing.T, token string) *apiclient.RefreshTokensResponse {
		t.Helper()
		response, err := s.client("").RefreshTokensWithResponse(t.Context(), apiclient.RefreshTokensRequest{RefreshToken: token})
		must(t, err)
		return response
	}

	t.Run("gives the next pair of the session", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		next := refresh(t, ada.tokens.RefreshToken)
		want(t, "status", next.StatusCode(), http.StatusOK, next.Body)
		me, err := s.client(next.JSON200.AccessToken).GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "email", me.JSON200.Email, ada.email, me.Body)
	})
	t.Run("ends the session when a token is used twice", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		bob := s.register()
		next := refresh(t, bob.tokens.RefreshToken)
		want(t, "first use", next.StatusCode(), http.StatusOK, next.Body)
		again := refresh(t, bob.tokens.RefreshToken)
		want(t, "second use", again.StatusCode(), http.StatusUnauthorized, again.Body)
		successor := refresh(t, next.JSON200.RefreshToken)
		want(t, "successor", successor.StatusCode(), http.StatusUnauthorized, successor.Body)
		me, err := bob.GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "access token", me.StatusCode(), http.StatusUnauthorized, me.Body)
	})
	for _, token := range []string{"", "x", "rt_", ada.tokens.AccessToken, ada.tokens.RefreshToken + "x", strings.Repeat("rt_", 9000)} {
		t.Run("does not take just any text", func(t *testing.T) {
			t.Parallel()
			response := refresh(t, token)
			want(t, "status", response.StatusCode(), http.StatusUnauthorized, response.Body)
			want(t, "code", response.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidRefreshToken, response.Body)
		})
	}
	t.Run("needs the member", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		response, body := s.do(http.MethodPost, "/api/v1/auth/refresh", jsonHeader(), `{}`)
		want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, []byte(body))
	})
}
