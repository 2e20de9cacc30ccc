package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/oapi-codegen/nullable"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/contracttest"
)

var userFixture = fixture{
	rows: map[string]rows{
		"getUser":            {shared: "admins see all accounts"},
		"updateUser":         {shared: "admins change all accounts"},
		"revokeUserSessions": {shared: "admins end the sessions of all accounts"},
	},
	known: func(s *apitest.Server) contracttest.Known {
		user, admin := s.Register(), s.RegisterAdmin()
		page, err := admin.ListUsersWithResponse(s.T.Context(), &apiclient.ListUsersParams{Limit: new(int32(1))})
		apitest.Must(s.T, err)
		if page.JSON200 == nil || page.JSON200.NextCursor == nil {
			s.T.Fatalf("there is no second page: %s", page.Body)
		}
		return contracttest.Known{
			"id": {s.User(user).ID}, "search": {user.Email}, "cursor": {*page.JSON200.NextCursor},
		}
	},
	knownTo: func(_ *apitest.Server, a apitest.Account) contracttest.Known {
		return contracttest.Known{"email": {a.Email}, "password": {apitest.Password}, "current_password": {apitest.Password}}
	},
}

func TestGetCurrentUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()

	t.Run("is the account of the token", func(t *testing.T) {
		t.Parallel()
		me, err := ada.GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "status", me.StatusCode(), http.StatusOK, me.Body)
		apitest.Want(t, "email", me.JSON200.Email, ada.Email, me.Body)
	})
	t.Run("needs a token", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		me, err := s.Client("").GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "status", me.StatusCode(), http.StatusUnauthorized, me.Body)
		apitest.Want(t, "code", me.ApplicationProblemJSON401.Code, apiclient.ProblemCodeUnauthenticated, me.Body)
	})
}

func TestUpdateCurrentUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	name, current := nullable.NewNullableWithValue("Ada"), apitest.Password
	patch := func(t *testing.T, who apitest.Account, change apiclient.UpdateCurrentUserRequest) *apiclient.UpdateCurrentUserResponse {
		t.Helper()
		response, err := who.UpdateCurrentUserWithResponse(t.Context(), nil, change)
		apitest.Must(t, err)
		return response
	}

	t.Run("a name is set, left alone when absent, and cleared by null", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada := s.Register()
		set := patch(t, ada, apiclient.UpdateCurrentUserRequest{Name: name})
		apitest.Want(t, "name", *set.JSON200.Name, "Ada", set.Body)

		email := "Ada." + ada.Email
		other := patch(t, ada, apiclient.UpdateCurrentUserRequest{Email: &email, CurrentPassword: &current})
		apitest.Want(t, "name", *other.JSON200.Name, "Ada", other.Body)
		apitest.Want(t, "email", other.JSON200.Email, ada.Email, other.Body)
		apitest.Want(t, "pending email", *other.JSON200.PendingEmail, email, other.Body)

		cleared := patch(t, ada, apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullNullable[string]()})
		apitest.Want(t, "name", cleared.JSON200.Name, nil, cleared.Body)
		apitest.Want(t, "pending email", *cleared.JSON200.PendingEmail, email, cleared.Body)
	})
	t.Run("nothing and null e-mails are refused", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada := s.Register()
		for _, body := range []string{`{}`, `{"email":null}`, `{"password":null}`, `{"role":"admin"}`, `{"is_active":false,"name":"x"}`} {
			header := apitest.JSONHeader()
			header.Set("Authorization", "Bearer "+ada.Tokens.AccessToken)
			response, answer := s.Do(http.MethodPatch, "/api/v1/users/me", header, body)
			apitest.Want(t, body, response.StatusCode, http.StatusUnprocessableEntity, []byte(answer))
		}
		me, err := ada.GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "role", me.JSON200.Role, apiclient.UserRoleUser, me.Body)
		apitest.Want(t, "name", me.JSON200.Name, nil, me.Body)
	})
	t.Run("another account's e-mail is taken, one's own is not", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada := s.Register()
		bob := s.Register()
		taken := patch(t, ada, apiclient.UpdateCurrentUserRequest{
			Email: &bob.Email, Name: name, CurrentPassword: &current,
		})
		apitest.Want(t, "status", taken.StatusCode(), http.StatusConflict, taken.Body)
		own := "ADA." + ada.Email
		kept := patch(t, ada, apiclient.UpdateCurrentUserRequest{Email: &own, CurrentPassword: &current})
		apitest.Want(t, "status", kept.StatusCode(), http.StatusOK, kept.Body)
		apitest.Want(t, "name after a refused change", kept.JSON200.Name, nil, kept.Body)
	})
	t.Run("a new password replaces the old one and ends other sessions", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		carol := s.Register()
		login := apiclient.LoginUserRequest{Email: carol.Email, Password: apitest.Password}
		elsewhere, err := s.Client("").LoginUserWithResponse(t.Context(), login)
		apitest.Must(t, err)

		changed := "another good password"
		response := patch(t, carol, apiclient.UpdateCurrentUserRequest{Password: &changed, CurrentPassword: &current})
		apitest.Want(t, "status", response.StatusCode(), http.StatusOK, response.Body)

		here, err := carol.GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "this session", here.StatusCode(), http.StatusOK, here.Body)
		there, err := s.Client(elsewhere.JSON200.AccessToken).GetCurrentUserWithResponse(t.Context())
		apitest.Must(t, err)
		apitest.Want(t, "the other session", there.StatusCode(), http.StatusUnauthorized, there.Body)

		old, err := s.Client("").LoginUserWithResponse(t.Context(), login)
		apitest.Must(t, err)
		apitest.Want(t, "the old password", old.StatusCode(), http.StatusUnauthorized, old.Body)
		login.Password = changed
		fresh, err := s.Client("").LoginUserWithResponse(t.Context(), login)
		apitest.Must(t, err)
		apitest.Want(t, "the new password", fresh.StatusCode(), http.StatusOK, fresh.Body)
	})
}

func TestGetUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada, admin := s.Register(), s.RegisterAdmin()
	id := s.User(ada).ID

	for _, test := range []struct {
		name   string
		as     apitest.Account
		id     string
		status int
	}{
		{"an admin sees all accounts", admin, id, http.StatusOK},
		{"an unknown account is not found", admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusNotFound},
		{"an id that is none is invalid", admin, "42", http.StatusUnprocessableEntity},
		{"an id in lower case is invalid", admin, "01jd8z5v3k4n6p7q8r9s0t1v2w", http.StatusUnprocessableEntity},
		{"a user sees no account, not even the own", ada, id, http.StatusForbidden},
		{"a user does not learn who exists", ada, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusForbidden},
		{"a user does not learn what an id is", ada, "42", http.StatusForbidden},
		{"a stranger is told to log in", apitest.Account{ClientWithResponses: s.Client("")}, id, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, err := test.as.GetUserWithResponse(t.Context(), test.id)
			apitest.Must(t, err)
			apitest.Want(t, "status", response.StatusCode(), test.status, response.Body)
			if response.JSON200 != nil {
				apitest.Want(t, "id", response.JSON200.ID, id, response.Body)
			}
		})
	}
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin, user := s.RegisterAdmin(), s.Register()
	accounts := map[string]bool{admin.Email: true, user.Email: true}
	for range 5 {
		accounts[s.Register().Email] = true
	}
	limit := int32(2)

	for _, sort := range []apiclient.ListUsersParamsSort{
		apiclient.ListUsersParamsSortCreatedAt, apiclient.ListUsersParamsSortEmail,
	} {
		t.Run("pages by "+string(sort)+" contain each account once", func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			params := apiclient.ListUsersParams{Limit: &limit, Sort: &sort}
			for pages := 1; ; pages++ {
				page, err := admin.ListUsersWithResponse(t.Context(), &params)
				apitest.Must(t, err)
				apitest.Want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
				for _, user := range page.JSON200.Items {
					if seen[user.Email] || !accounts[user.Email] {
						t.Errorf("%s is there twice, or should not be there", user.Email)
					}
					seen[user.Email] = true
				}
				if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
					apitest.Want(t, "pages", pages, 4, page.Body)
					break
				}
			}
			apitest.Want(t, "accounts", len(seen), len(accounts), nil)
		})
	}
	t.Run("filters by role and activity", func(t *testing.T) {
		t.Parallel()
		role, isActive := apiclient.UserRoleAdmin, true
		page, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Role: &role, IsActive: &isActive})
		apitest.Must(t, err)
		apitest.Want(t, "admins", len(page.JSON200.Items), 1, page.Body)
		apitest.Want(t, "admin", page.JSON200.Items[0].Email, admin.Email, page.Body)
		isActive = false
		page, err = admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{IsActive: &isActive})
		apitest.Must(t, err)
		apitest.Want(t, "inactive accounts", len(page.JSON200.Items), 0, page.Body)
	})
	t.Run("a cursor of another order is refused", func(t *testing.T) {
		t.Parallel()
		first, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Limit: &limit})
		apitest.Must(t, err)
		byEmail := apiclient.ListUsersParamsSortEmail
		mixed, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{
			Sort: &byEmail, Cursor: first.JSON200.NextCursor,
		})
		apitest.Must(t, err)
		apitest.Want(t, "status", mixed.StatusCode(), http.StatusUnprocessableEntity, mixed.Body)
		apitest.Want(t, "name", *mixed.ApplicationProblemJSON422.Errors[0].Name, "cursor", mixed.Body)
	})
	t.Run("only admins may", func(t *testing.T) {
		t.Parallel()
		forbidden, err := user.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{})
		apitest.Must(t, err)
		apitest.Want(t, "status", forbidden.StatusCode(), http.StatusForbidden, forbidden.Body)
	})
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()
	patch := func(t *testing.T, as apitest.Account, id string, change apiclient.UpdateUserRequest) *apiclient.UpdateUserResponse {
		t.Helper()
		response, err := as.UpdateUserWithResponse(t.Context(), id, nil, change)
		apitest.Must(t, err)
		return response
	}
	name, no := nullable.NewNullableWithValue("Ada"), false

	t.Run("a name is set, left alone when absent, and cleared by null", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada := s.Register()
		id := s.User(ada).ID
		set := patch(t, admin, id, apiclient.UpdateUserRequest{Name: name})
		apitest.Want(t, "status", set.StatusCode(), http.StatusOK, set.Body)
		apitest.Want(t, "name", *set.JSON200.Name, "Ada", set.Body)
		apitest.Want(t, "ETag", set.Headers200.ETag, `"2"`, set.Body)
		off := patch(t, admin, id, apiclient.UpdateUserRequest{IsActive: &no})
		apitest.Want(t, "name", *off.JSON200.Name, "Ada", off.Body)
		apitest.Want(t, "whether active", off.JSON200.IsActive, false, off.Body)
		cleared := patch(t, admin, id, apiclient.UpdateUserRequest{Name: nullable.NewNullNullable[string]()})
		apitest.Want(t, "name", cleared.JSON200.Name, nil, cleared.Body)
		apitest.Want(t, "whether active", cleared.JSON200.IsActive, false, cleared.Body)
		apitest.Want(t, "role", cleared.JSON200.Role, apiclient.UserRoleUser, cleared.Body)
		apitest.Want(t, "email", cleared.JSON200.Email, ada.Email, cleared.Body)
	})
	t.Run("an account that was deactivated is let in again, with a new session", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada, yes := s.Register(), true
		id := s.User(ada).ID
		patch(t, admin, id, apiclient.UpdateUserRequest{IsActive: &no})
		login := apiclient.LoginUserRequest{Email: ada.Email, Password: apitest.Password}
		refused, err := s.Client("").LoginUserWithResponse(t.Context(), login)
		apitest.Must(t, err)
		apitest.Want(t, "status of a login", refused.StatusCode(), http.StatusUnauthorized, refused.Body)
		patch(t, admin, id, apiclient.UpdateUserRequest{IsActive: &yes})
		s.WantSession(t, ada, false)
		s.WantSession(t, s.Login(t, ada), true)
	})
	t.Run("a new admin may do what admins may", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		ada, role := s.Register(), apiclient.UserRoleAdmin
		patch(t, admin, s.User(ada).ID, apiclient.UpdateUserRequest{Role: &role})
		promoted, err := s.Login(t, ada).GetUserWithResponse(t.Context(), s.User(admin).ID)
		apitest.Must(t, err)
		apitest.Want(t, "status", promoted.StatusCode(), http.StatusOK, promoted.Body)
	})
	ada := s.Register()
	for _, test := range []struct {
		name   string
		as     apitest.Account
		id     string
		status int
	}{
		{"an unknown account is not found", admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusNotFound},
		{"an id that is none is invalid", admin, "42", http.StatusUnprocessableEntity},
		{"a user changes no account, not even the own", ada, s.User(ada).ID, http.StatusForbidden},
		{"a user does not learn who exists", ada, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusForbidden},
		{"a stranger is told to log in", apitest.Account{ClientWithResponses: s.Client("")}, s.User(ada).ID, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response := patch(t, test.as, test.id, apiclient.UpdateUserRequest{Name: name})
			apitest.Want(t, "status", response.StatusCode(), test.status, response.Body)
		})
	}
}

func TestLastAdminCannotBeRemoved(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()
	id, role, no := s.User(admin).ID, apiclient.UserRoleUser, false
	for _, change := range []apiclient.UpdateUserRequest{{Role: &role}, {IsActive: &no}, {Role: &role, IsActive: &no}} {
		response, err := admin.UpdateUserWithResponse(t.Context(), id, nil, change)
		apitest.Must(t, err)
		apitest.Want(t, "status", response.StatusCode(), http.StatusConflict, response.Body)
		apitest.Want(t, "code", response.ApplicationProblemJSON409.Code, apiclient.ProblemCodeLastAdmin, response.Body)
	}
	deleted, err := admin.DeleteCurrentUserWithResponse(t.Context(), apiclient.DeleteCurrentUserRequest{CurrentPassword: apitest.Password})
	apitest.Must(t, err)
	apitest.Want(t, "status", deleted.StatusCode(), http.StatusConflict, deleted.Body)
	apitest.Want(t, "code", deleted.ApplicationProblemJSON409.Code, apiclient.ProblemCodeLastAdmin, deleted.Body)

	s.RegisterAdmin()
	stepped, err := admin.UpdateUserWithResponse(t.Context(), id, nil, apiclient.UpdateUserRequest{Role: &role})
	apitest.Must(t, err)
	apitest.Want(t, "status", stepped.StatusCode(), http.StatusOK, stepped.Body)
	s.WantSession(t, admin, false)
}

func TestDeleteCurrentUser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	remove := func(as apitest.Account, current string) *apiclient.DeleteCurrentUserResponse {
		response, err := as.DeleteCurrentUserWithResponse(t.Context(), apiclient.DeleteCurrentUserRequest{CurrentPassword: current})
		apitest.Must(t, err)
		return response
	}
	wrong := remove(ada, "wrong")
	apitest.Want(t, "status", wrong.StatusCode(), http.StatusForbidden, wrong.Body)
	apitest.Want(t, "code", wrong.ApplicationProblemJSON403.Code, apiclient.ProblemCodeReauthenticationFailed, wrong.Body)
	apitest.Want(t, "challenge", wrong.HTTPResponse.Header.Get("WWW-Authenticate"), "", wrong.Body) // the token is good
	long := remove(ada, strings.Repeat("é", 513))
	apitest.Want(t, "status", long.StatusCode(), http.StatusUnprocessableEntity, long.Body)
	apitest.Want(t, "pointer", *long.ApplicationProblemJSON422.Errors[0].Pointer, "/current_password", long.Body)
	s.WantSession(t, ada, true)

	gone := remove(ada, apitest.Password)
	apitest.Want(t, "status", gone.StatusCode(), http.StatusNoContent, gone.Body)
	again := remove(ada, apitest.Password)
	apitest.Want(t, "status", again.StatusCode(), http.StatusUnauthorized, again.Body)
	s.WantSession(t, ada, false)
	free, err := s.Client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{Email: ada.Email, Password: apitest.Password})
	apitest.Must(t, err)
	apitest.Want(t, "status of the same e-mail", free.StatusCode(), http.StatusCreated, free.Body)
}

func TestCurrentPassword(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	ada := s.Register()
	email, fresh, wrong, right := apitest.NewEmail(), "another good password", "wrong", apitest.Password
	patch := func(change apiclient.UpdateCurrentUserRequest) *apiclient.UpdateCurrentUserResponse {
		response, err := ada.UpdateCurrentUserWithResponse(t.Context(), nil, change)
		apitest.Must(t, err)
		return response
	}
	for _, change := range []apiclient.UpdateCurrentUserRequest{{Email: &email}, {Password: &fresh}, {Email: &email, Password: &fresh}} {
		missing := patch(change)
		apitest.Want(t, "status", missing.StatusCode(), http.StatusUnprocessableEntity, missing.Body)
		apitest.Want(t, "pointer", *missing.ApplicationProblemJSON422.Errors[0].Pointer, "/current_password", missing.Body)
		apitest.Want(t, "code", missing.ApplicationProblemJSON422.Errors[0].Code, "required", missing.Body)
		change.CurrentPassword = &wrong
		refused := patch(change)
		apitest.Want(t, "status", refused.StatusCode(), http.StatusForbidden, refused.Body)
		apitest.Want(t, "code", refused.ApplicationProblemJSON403.Code, apiclient.ProblemCodeReauthenticationFailed, refused.Body)
	}
	named := patch(apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullableWithValue("Ada")})
	apitest.Want(t, "status of a name alone", named.StatusCode(), http.StatusOK, named.Body)
	nothing := patch(apiclient.UpdateCurrentUserRequest{CurrentPassword: &right})
	apitest.Want(t, "status of nothing to change", nothing.StatusCode(), http.StatusOK, nothing.Body)
	apitest.Want(t, "ETag", nothing.Headers200.ETag, named.Headers200.ETag, nothing.Body)
	apitest.Want(t, "email", nothing.JSON200.Email, ada.Email, nothing.Body)
}

func TestListUsersSearch(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	admin := s.RegisterAdmin()
	name := "8da L0velace" // no e-mail of these tests has such digits
	ada := s.Register()
	_, err := s.Store.UpdateUser(t.Context(), s.User(ada).ID, domain.UserUpdate{SetName: true, Name: &name})
	apitest.Must(t, err)
	s.Register()
	for search, wanted := range map[string]int{
		"L0VE": 1, "8da": 1, "8d": 0, "0ve": 1, "0v": 0, ada.Email[:30]: 1, "@example.com": 3, "%": 0, ada.Email: 1, "n0b0dy": 0,
	} {
		page, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Search: &search})
		apitest.Must(t, err)
		apitest.Want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
		apitest.Want(t, "accounts with "+search, len(page.JSON200.Items), wanted, page.Body)
	}
	for _, search := range []string{"", strings.Repeat("x", 201)} {
		page, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Search: &search})
		apitest.Must(t, err)
		apitest.Want(t, "status of a bad search", page.StatusCode(), http.StatusUnprocessableEntity, page.Body)
	}
}
