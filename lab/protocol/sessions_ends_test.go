package protocol_test

import (
	"context"
	"net/http"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestLogoutUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	elsewhere := s.Login(t, ada)
	logout := func(token string) int {
		response, err := s.Client("").LogoutUserWithResponse(t.Context(), apiclient.LogoutUserRequest{RefreshToken: token})
		apitest.Must(t, err)
		apitest.Want(t, "body", len(response.Body), 0, response.Body)
		return response.StatusCode()
	}
	for range 2 {
		apitest.Want(t, "status", logout(ada.Tokens.RefreshToken), http.StatusNoContent, nil)
		s.WantSession(t, ada, false)
	}
	for _, token := range []string{"", "x", "rt_", ada.Tokens.AccessToken, elsewhere.Tokens.AccessToken, ada.Tokens.RefreshToken + "x"} {
		apitest.Want(t, "status", logout(token), http.StatusNoContent, nil)
	}
	s.WantSession(t, elsewhere, true)
	response, body := s.Do(http.MethodPost, "/api/v1/auth/logout", apitest.JSONHeader(), `{}`)
	apitest.Want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, []byte(body))
	pgtest.CheckSessions(t, s.Database)
}

// TestSessionsEndAtOnce checks all operations that end the sessions of an account, some except the
// current one.
func TestSessionsEndAtOnce(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	inactive, admin, changed, current := false, apiclient.UserRoleAdmin, "another good password", apitest.Password
	for name, test := range map[string]struct {
		end     func(ctx context.Context, boss, here apitest.Account, id string) (status int, err error)
		status  int
		endsOwn bool
	}{
		"logging out everywhere": {func(ctx context.Context, _, here apitest.Account, _ string) (int, error) {
			response, err := here.LogoutAllSessionsWithResponse(ctx)
			return response.StatusCode(), err
		}, http.StatusNoContent, true},
		"an admin": {func(ctx context.Context, boss, _ apitest.Account, id string) (int, error) {
			response, err := boss.RevokeUserSessionsWithResponse(ctx, id)
			return response.StatusCode(), err
		}, http.StatusNoContent, true},
		"deactivation": {func(ctx context.Context, boss, _ apitest.Account, id string) (int, error) {
			response, err := boss.UpdateUserWithResponse(ctx, id, nil, apiclient.UpdateUserRequest{IsActive: &inactive})
			return response.StatusCode(), err
		}, http.StatusOK, true},
		"another role": {func(ctx context.Context, boss, _ apitest.Account, id string) (int, error) {
			response, err := boss.UpdateUserWithResponse(ctx, id, nil, apiclient.UpdateUserRequest{Role: &admin})
			return response.StatusCode(), err
		}, http.StatusOK, true},
		"a new password": {func(ctx context.Context, _, here apitest.Account, _ string) (int, error) {
			response, err := here.UpdateCurrentUserWithResponse(ctx, nil, apiclient.UpdateCurrentUserRequest{
				Password: &changed, CurrentPassword: &current,
			})
			return response.StatusCode(), err
		}, http.StatusOK, false},
		"deletion": {func(ctx context.Context, _, here apitest.Account, _ string) (int, error) {
			response, err := here.DeleteCurrentUserWithResponse(ctx, apiclient.DeleteCurrentUserRequest{CurrentPassword: apitest.Password})
			return response.StatusCode(), err
		}, http.StatusNoContent, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.In(t)
			boss, here, bystander := s.RegisterAdmin(), s.Register(), s.Register()
			there := s.Login(t, here)
			status, err := test.end(t.Context(), boss, here, s.User(here).ID)
			apitest.Must(t, err)
			apitest.Want(t, "status", status, test.status, nil)
			s.WantSession(t, there, false)
			s.WantSession(t, here, !test.endsOwn)
			s.WantSession(t, boss, true)
			s.WantSession(t, bystander, true)
			pgtest.CheckSessions(t, s.Database)
		})
	}
}

func TestOperatorsEndSessions(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada, admin := s.Register(), s.RegisterAdmin()
	for _, test := range []struct {
		name   string
		as     apitest.Account
		id     string
		status int
	}{
		{"an unknown account is not found", admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusNotFound},
		{"an id that is none is invalid", admin, "42", http.StatusUnprocessableEntity},
		{"a user may not", ada, s.User(admin).ID, http.StatusForbidden},
		{"a user does not learn who exists", ada, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusForbidden},
		{"a stranger is told to log in", apitest.Account{ClientWithResponses: s.Client("")}, s.User(ada).ID, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, err := test.as.RevokeUserSessionsWithResponse(t.Context(), test.id)
			apitest.Must(t, err)
			apitest.Want(t, "status", response.StatusCode(), test.status, response.Body)
		})
	}
}

func TestCurrentUserSessions(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	here, stranger := s.Register(), s.Register()
	there := s.Login(t, here)
	list := func(t *testing.T, as apitest.Account) []apiclient.Session {
		t.Helper()
		response, err := as.ListCurrentUserSessionsWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "status", response.StatusCode(), http.StatusOK, response.Body)
		apitest.Want(t, "next page", response.JSON200.NextCursor, nil, response.Body)
		return response.JSON200.Items
	}
	revoke := func(t *testing.T, as apitest.Account, id string) *apiclient.RevokeCurrentUserSessionResponse {
		t.Helper()
		response, err := as.RevokeCurrentUserSessionWithResponse(t.Context(), id)
		apitest.Must(t, err)
		return response
	}

	sessions := list(t, here)
	apitest.Want(t, "sessions", len(sessions), 2, nil)
	for i, current := range []bool{false, true} { // the other one was opened later
		session := sessions[i]
		apitest.Want(t, "is current", session.Current, current, nil)
		apitest.Want(t, "address", *session.IP, "127.0.0.1", nil)
		apitest.Want(t, "last address", *session.LastIP, "127.0.0.1", nil)
		apitest.Want(t, "program", session.UserAgent, "Go-http-client/1.1", nil)
	}
	foreign := list(t, stranger)[0].ID
	for _, id := range []string{foreign, "01JD8Z5W8Q2R4S6T8V0W2X4Y6Z"} {
		response := revoke(t, here, id)
		apitest.Want(t, "status", response.StatusCode(), http.StatusNotFound, response.Body)
		apitest.Want(t, "code", response.ApplicationProblemJSON404.Code, apiclient.ProblemCodeSessionNotFound, response.Body)
	}
	apitest.Want(t, "status of no id", revoke(t, here, "42").StatusCode(), http.StatusUnprocessableEntity, nil)

	apitest.Want(t, "status", revoke(t, here, sessions[0].ID).StatusCode(), http.StatusNoContent, nil)
	s.WantSession(t, there, false)
	apitest.Want(t, "status of one that has ended", revoke(t, here, sessions[0].ID).StatusCode(), http.StatusNotFound, nil)
	apitest.Want(t, "sessions", len(list(t, here)), 1, nil)
	apitest.Want(t, "status of one's own", revoke(t, here, sessions[1].ID).StatusCode(), http.StatusNoContent, nil)
	s.WantSession(t, here, false)
	s.WantSession(t, stranger, true)

	unauthenticated := apitest.Account{ClientWithResponses: s.Client("")}
	apitest.Want(t, "status of a stranger", revoke(t, unauthenticated, foreign).StatusCode(), http.StatusUnauthorized, nil)
	response, err := unauthenticated.ListCurrentUserSessionsWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status of a stranger", response.StatusCode(), http.StatusUnauthorized, response.Body)
	everywhere, err := unauthenticated.LogoutAllSessionsWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status of a stranger", everywhere.StatusCode(), http.StatusUnauthorized, everywhere.Body)
}

// Where it is not known who is at the other end, the list says so.
func TestSessionsOfUnknownPrograms(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	pgtest.Exec(t, s.Database, "UPDATE sessions SET ip = NULL, user_agent = ''")
	response, err := ada.ListCurrentUserSessionsWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "address", response.JSON200.Items[0].IP, nil, response.Body)
	apitest.Want(t, "program", response.JSON200.Items[0].UserAgent, "", response.Body)
	pgtest.Exec(t, s.Database, "UPDATE sessions SET ip = '2001:db8::1'")
	response, err = ada.ListCurrentUserSessionsWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "address", *response.JSON200.Items[0].IP, "2001:db8::1", response.Body)
}

// An account that is deactivated while its login hashes gets the response of every failed login.
func TestLoginDuringDeactivation(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Store: func(store domain.Store) domain.Store { return deactivator{store} }})
	ada := s.Register()
	response, err := s.Client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{Email: ada.Email, Password: apitest.Password})
	apitest.Must(t, err)
	apitest.Want(t, "status", response.StatusCode(), http.StatusUnauthorized, response.Body)
	apitest.Want(t, "code", response.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidCredentials, response.Body)
}

// deactivator deactivates an account as soon as it has been looked up by its e-mail.
type deactivator struct{ domain.Store }

func (d deactivator) GetUserByEmail(ctx context.Context, email string) (domain.User, error) {
	user, err := d.Store.GetUserByEmail(ctx, email)
	if err == nil {
		active := false
		_, err = d.UpdateUser(ctx, user.ID, domain.UserUpdate{IsActive: &active})
	}
	return user, err
}
