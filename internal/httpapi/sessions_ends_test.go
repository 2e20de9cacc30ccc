package httpapi_test

import (
	"context"
	"net/http"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// wantSession checks whether both tokens of a session work, or neither. It uses the refresh token up.
func (s *server) wantSession(t *testing.T, of account, live bool) {
	t.Helper()
	wanted := http.StatusUnauthorized
	if live {
		wanted = http.StatusOK
	}
	me, err := of.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	want(t, "status of the access token", me.StatusCode(), wanted, me.Body)
	if !live {
		want(t, "code", me.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidToken, me.Body)
	}
	refreshed, err := s.client("").RefreshTokensWithResponse(t.Context(), apiclient.RefreshTokensRequest{RefreshToken: of.tokens.RefreshToken})
	must(t, err)
	want(t, "status of the refresh token", refreshed.StatusCode(), wanted, refreshed.Body)
}

func TestLogoutUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()
	elsewhere := s.login(t, ada)
	logout := func(token string) int {
		response, err := s.client("").LogoutUserWithResponse(t.Context(), apiclient.LogoutUserRequest{RefreshToken: token})
		must(t, err)
		want(t, "body", len(response.Body), 0, response.Body)
		return response.StatusCode()
	}
	for range 2 {
		want(t, "status", logout(ada.tokens.RefreshToken), http.StatusNoContent, nil)
		s.wantSession(t, ada, false)
	}
	for _, token := range []string{"", "x", "rt_", ada.tokens.AccessToken, elsewhere.tokens.AccessToken, ada.tokens.RefreshToken + "x"} {
		want(t, "status", logout(token), http.StatusNoContent, nil)
	}
	s.wantSession(t, elsewhere, true)
	response, body := s.do(http.MethodPost, "/api/v1/auth/logout", jsonHeader(), `{}`)
	want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, []byte(body))
	pgtest.CheckSessions(t, s.database)
}

// TestSessionsEndAtOnce is about every operation that ends all sessions of an account, its own aside where it says so.
func TestSessionsEndAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	inactive, admin, changed, current := false, apiclient.UserRoleAdmin, "another good password", password
	for name, test := range map[string]struct {
		end     func(ctx context.Context, boss, here account, id string) (status int, err error)
		status  int
		endsOwn bool
	}{
		"logging out everywhere": {func(ctx context.Context, _, here account, _ string) (int, error) {
			response, err := here.LogoutAllSessionsWithResponse(ctx)
			return response.StatusCode(), err
		}, http.StatusNoContent, true},
		"an admin": {func(ctx context.Context, boss, _ account, id string) (int, error) {
			response, err := boss.RevokeUserSessionsWithResponse(ctx, id)
			return response.StatusCode(), err
		}, http.StatusNoContent, true},
		"deactivation": {func(ctx context.Context, boss, _ account, id string) (int, error) {
			response, err := boss.UpdateUserWithResponse(ctx, id, nil, apiclient.UpdateUserRequest{IsActive: &inactive})
			return response.StatusCode(), err
		}, http.StatusOK, true},
		"another role": {func(ctx context.Context, boss, _ account, id string) (int, error) {
			response, err := boss.UpdateUserWithResponse(ctx, id, nil, apiclient.UpdateUserRequest{Role: &admin})
			return response.StatusCode(), err
		}, http.StatusOK, true},
		"a new password": {func(ctx context.Context, _, here account, _ string) (int, error) {
			response, err := here.UpdateCurrentUserWithResponse(ctx, nil, apiclient.UpdateCurrentUserRequest{
				Password: &changed, CurrentPassword: &current,
			})
			return response.StatusCode(), err
		}, http.StatusOK, false},
		"deletion": {func(ctx context.Context, _, here account, _ string) (int, error) {
			response, err := here.DeleteCurrentUserWithResponse(ctx, apiclient.DeleteCurrentUserRequest{CurrentPassword: password})
			return response.StatusCode(), err
		}, http.StatusNoContent, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			boss, here, bystander := s.registerAdmin(), s.register(), s.register()
			there := s.login(t, here)
			status, err := test.end(t.Context(), boss, here, s.user(here).ID)
			must(t, err)
			want(t, "status", status, test.status, nil)
			s.wantSession(t, there, false)
			s.wantSession(t, here, !test.endsOwn)
			s.wantSession(t, boss, true)
			s.wantSession(t, bystander, true)
			pgtest.CheckSessions(t, s.database)
		})
	}
}

func TestOperatorsEndSessions(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada, admin := s.register(), s.registerAdmin()
	for _, test := range []struct {
		name   string
		as     account
		id     string
		status int
	}{
		{"nobody is not found", admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusNotFound},
		{"an id that is none is invalid", admin, "42", http.StatusUnprocessableEntity},
		{"a user may not", ada, s.user(admin).ID, http.StatusForbidden},
		{"a user does not learn who exists", ada, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusForbidden},
		{"a stranger is told to log in", account{ClientWithResponses: s.client("")}, s.user(ada).ID, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, err := test.as.RevokeUserSessionsWithResponse(t.Context(), test.id)
			must(t, err)
			want(t, "status", response.StatusCode(), test.status, response.Body)
		})
	}
}

func TestCurrentUserSessions(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	here, stranger := s.register(), s.register()
	there := s.login(t, here)
	list := func(t *testing.T, as account) []apiclient.Session {
		t.Helper()
		response, err := as.ListCurrentUserSessionsWithResponse(t.Context())
		must(t, err)
		want(t, "status", response.StatusCode(), http.StatusOK, response.Body)
		want(t, "next page", response.JSON200.NextCursor, nil, response.Body)
		return response.JSON200.Items
	}
	revoke := func(t *testing.T, as account, id string) *apiclient.RevokeCurrentUserSessionResponse {
		t.Helper()
		response, err := as.RevokeCurrentUserSessionWithResponse(t.Context(), id)
		must(t, err)
		return response
	}

	sessions := list(t, here)
	want(t, "sessions", len(sessions), 2, nil)
	for i, current := range []bool{false, true} { // the other one was opened later
		session := sessions[i]
		want(t, "is current", session.Current, current, nil)
		want(t, "address", *session.IP, "127.0.0.1", nil)
		want(t, "last address", *session.LastIP, "127.0.0.1", nil)
		want(t, "program", session.UserAgent, "Go-http-client/1.1", nil)
	}
	foreign := list(t, stranger)[0].ID
	for _, id := range []string{foreign, "01JD8Z5W8Q2R4S6T8V0W2X4Y6Z"} {
		response := revoke(t, here, id)
		want(t, "status", response.StatusCode(), http.StatusNotFound, response.Body)
		want(t, "code", response.ApplicationProblemJSON404.Code, apiclient.ProblemCodeSessionNotFound, response.Body)
	}
	want(t, "status of no id", revoke(t, here, "42").StatusCode(), http.StatusUnprocessableEntity, nil)

	want(t, "status", revoke(t, here, sessions[0].ID).StatusCode(), http.StatusNoContent, nil)
	s.wantSession(t, there, false)
	want(t, "status of one that has ended", revoke(t, here, sessions[0].ID).StatusCode(), http.StatusNotFound, nil)
	want(t, "sessions", len(list(t, here)), 1, nil)
	want(t, "status of one's own", revoke(t, here, sessions[1].ID).StatusCode(), http.StatusNoContent, nil)
	s.wantSession(t, here, false)
	s.wantSession(t, stranger, true)

	nobody := account{ClientWithResponses: s.client("")}
	want(t, "status of a stranger", revoke(t, nobody, foreign).StatusCode(), http.StatusUnauthorized, nil)
	response, err := nobody.ListCurrentUserSessionsWithResponse(t.Context())
	must(t, err)
	want(t, "status of a stranger", response.StatusCode(), http.StatusUnauthorized, response.Body)
	everywhere, err := nobody.LogoutAllSessionsWithResponse(t.Context())
	must(t, err)
	want(t, "status of a stranger", everywhere.StatusCode(), http.StatusUnauthorized, everywhere.Body)
}

// Where it is not known who is at the other end, the list says so.
func TestSessionsOfUnknownPrograms(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()
	pgtest.Exec(t, s.database, "UPDATE sessions SET ip = NULL, user_agent = ''")
	response, err := ada.ListCurrentUserSessionsWithResponse(t.Context())
	must(t, err)
	want(t, "address", response.JSON200.Items[0].IP, nil, response.Body)
	want(t, "program", response.JSON200.Items[0].UserAgent, "", response.Body)
	pgtest.Exec(t, s.database, "UPDATE sessions SET ip = '2001:db8::1'")
	response, err = ada.ListCurrentUserSessionsWithResponse(t.Context())
	must(t, err)
	want(t, "address", *response.JSON200.Items[0].IP, "2001:db8::1", response.Body)
}

// A login takes its time to hash; whoever is deactivated meanwhile gets the answer of everybody who may not log in.
func TestLoginOfAnAccountThatIsBeingDeactivated(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{store: func(store domain.Store) domain.Store { return deactivator{store} }})
	ada := s.register()
	response, err := s.client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{Email: ada.email, Password: password})
	must(t, err)
	want(t, "status", response.StatusCode(), http.StatusUnauthorized, response.Body)
	want(t, "code", response.ApplicationProblemJSON401.Code, apiclient.ProblemCodeInvalidCredentials, response.Body)
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
