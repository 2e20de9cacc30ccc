package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/oapi-codegen/nullable"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/contracttest"
)

var userFixture = fixture{
	rows: map[string]rows{
		"getUser":            {shared: "admins see all accounts"},
		"updateUser":         {shared: "admins change all accounts"},
		"revokeUserSessions": {shared: "admins end the sessions of all accounts"},
	},
	known: func(s *server) contracttest.Known {
		user, admin := s.register(), s.registerAdmin()
		page, err := admin.ListUsersWithResponse(s.t.Context(), &apiclient.ListUsersParams{Limit: new(int32(1))})
		must(s.t, err)
		if page.JSON200 == nil || page.JSON200.NextCursor == nil {
			s.t.Fatalf("there is no second page: %s", page.Body)
		}
		return contracttest.Known{
			"id": {s.user(user).ID}, "search": {user.email}, "cursor": {*page.JSON200.NextCursor},
		}
	},
	knownTo: func(_ *server, a account) contracttest.Known {
		return contracttest.Known{"email": {a.email}, "password": {password}, "current_password": {password}}
	},
}

func TestGetCurrentUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()

	t.Run("is the account of the token", func(t *testing.T) {
		t.Parallel()
		me, err := ada.GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "status", me.StatusCode(), http.StatusOK, me.Body)
		want(t, "email", me.JSON200.Email, ada.email, me.Body)
	})
	t.Run("needs a token", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		me, err := s.client("").GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "status", me.StatusCode(), http.StatusUnauthorized, me.Body)
		want(t, "code", me.ApplicationProblemJSON401.Code, apiclient.ProblemCodeUnauthenticated, me.Body)
	})
}

func TestUpdateCurrentUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	name, current := nullable.NewNullableWithValue("Ada"), password
	patch := func(t *testing.T, who account, change apiclient.UpdateCurrentUserRequest) *apiclient.UpdateCurrentUserResponse {
		t.Helper()
		response, err := who.UpdateCurrentUserWithResponse(t.Context(), nil, change)
		must(t, err)
		return response
	}

	t.Run("a name is set, left alone when absent, and cleared by null", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		ada := s.register()
		set := patch(t, ada, apiclient.UpdateCurrentUserRequest{Name: name})
		want(t, "name", *set.JSON200.Name, "Ada", set.Body)

		email := "Ada." + ada.email
		other := patch(t, ada, apiclient.UpdateCurrentUserRequest{Email: &email, CurrentPassword: &current})
		want(t, "name", *other.JSON200.Name, "Ada", other.Body)
		want(t, "email", other.JSON200.Email, email, other.Body)

		cleared := patch(t, ada, apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullNullable[string]()})
		want(t, "name", cleared.JSON200.Name, nil, cleared.Body)
		want(t, "email", cleared.JSON200.Email, email, cleared.Body)
	})
	t.Run("nothing and null e-mails are refused", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		ada := s.register()
		for _, body := range []string{`{}`, `{"email":null}`, `{"password":null}`, `{"role":"admin"}`, `{"is_active":false,"name":"x"}`} {
			header := jsonHeader()
			header.Set("Authorization", "Bearer "+ada.tokens.AccessToken)
			response, answer := s.do(http.MethodPatch, "/api/v1/users/me", header, body)
			want(t, body, response.StatusCode, http.StatusUnprocessableEntity, []byte(answer))
		}
		me, err := ada.GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "role", me.JSON200.Role, apiclient.UserRoleUser, me.Body)
		want(t, "name", me.JSON200.Name, nil, me.Body)
	})
	t.Run("another account's e-mail is taken, one's own is not", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		ada := s.register()
		bob := s.register()
		taken := patch(t, ada, apiclient.UpdateCurrentUserRequest{
			Email: &bob.email, Name: name, CurrentPassword: &current,
		})
		want(t, "status", taken.StatusCode(), http.StatusConflict, taken.Body)
		own := "ADA." + ada.email
		kept := patch(t, ada, apiclient.UpdateCurrentUserRequest{Email: &own, CurrentPassword: &current})
		want(t, "status", kept.StatusCode(), http.StatusOK, kept.Body)
		want(t, "name after a refused change", kept.JSON200.Name, nil, kept.Body)
	})
	t.Run("a new password replaces the old one and ends other sessions", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		carol := s.register()
		login := apiclient.LoginUserRequest{Email: carol.email, Password: password}
		elsewhere, err := s.client("").LoginUserWithResponse(t.Context(), login)
		must(t, err)

		changed := "another good password"
		response := patch(t, carol, apiclient.UpdateCurrentUserRequest{Password: &changed, CurrentPassword: &current})
		want(t, "status", response.StatusCode(), http.StatusOK, response.Body)

		here, err := carol.GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "this session", here.StatusCode(), http.StatusOK, here.Body)
		there, err := s.client(elsewhere.JSON200.AccessToken).GetCurrentUserWithResponse(t.Context())
		must(t, err)
		want(t, "the other session", there.StatusCode(), http.StatusUnauthorized, there.Body)

		old, err := s.client("").LoginUserWithResponse(t.Context(), login)
		must(t, err)
		want(t, "the old password", old.StatusCode(), http.StatusUnauthorized, old.Body)
		login.Password = changed
		fresh, err := s.client("").LoginUserWithResponse(t.Context(), login)
		must(t, err)
		want(t, "the new password", fresh.StatusCode(), http.StatusOK, fresh.Body)
	})
}

func TestGetUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada, admin := s.register(), s.registerAdmin()
	id := s.user(ada).ID

	for _, test := range []struct {
		name   string
		as     account
		id     string
		status int
	}{
		{"an admin sees anybody", admin, id, http.StatusOK},
		{"nobody is not found", admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusNotFound},
		{"an id that is none is invalid", admin, "42", http.StatusUnprocessableEntity},
		{"an id in lower case is invalid", admin, "01jd8z5v3k4n6p7q8r9s0t1v2w", http.StatusUnprocessableEntity},
		{"a user sees nobody, not even themselves", ada, id, http.StatusForbidden},
		{"a user does not learn who exists", ada, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusForbidden},
		{"a user does not learn what an id is", ada, "42", http.StatusForbidden},
		{"a stranger is told to log in", account{ClientWithResponses: s.client("")}, id, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, err := test.as.GetUserWithResponse(t.Context(), test.id)
			must(t, err)
			want(t, "status", response.StatusCode(), test.status, response.Body)
			if response.JSON200 != nil {
				want(t, "id", response.JSON200.ID, id, response.Body)
			}
		})
	}
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	admin, user := s.registerAdmin(), s.register()
	accounts := map[string]bool{admin.email: true, user.email: true}
	for range 5 {
		accounts[s.register().email] = true
	}
	limit := int32(2)

	for _, sort := range []apiclient.ListUsersParamsSort{
		apiclient.ListUsersParamsSortCreatedAt, apiclient.ListUsersParamsSortEmail,
	} {
		t.Run("pages by "+string(sort)+" show everybody once", func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			params := apiclient.ListUsersParams{Limit: &limit, Sort: &sort}
			for pages := 1; ; pages++ {
				page, err := admin.ListUsersWithResponse(t.Context(), &params)
				must(t, err)
				want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
				for _, user := range page.JSON200.Items {
					if seen[user.Email] || !accounts[user.Email] {
						t.Errorf("%s is there twice, or should not be there", user.Email)
					}
					seen[user.Email] = true
				}
				if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
					want(t, "pages", pages, 4, page.Body)
					break
				}
			}
			want(t, "accounts", len(seen), len(accounts), nil)
		})
	}
	t.Run("filters by role and activity", func(t *testing.T) {
		t.Parallel()
		role, isActive := apiclient.UserRoleAdmin, true
		page, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Role: &role, IsActive: &isActive})
		must(t, err)
		want(t, "admins", len(page.JSON200.Items), 1, page.Body)
		want(t, "admin", page.JSON200.Items[0].Email, admin.email, page.Body)
		isActive = false
		page, err = admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{IsActive: &isActive})
		must(t, err)
		want(t, "inactive accounts", len(page.JSON200.Items), 0, page.Body)
	})
	t.Run("a cursor of another order is refused", func(t *testing.T) {
		t.Parallel()
		first, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Limit: &limit})
		must(t, err)
		byEmail := apiclient.ListUsersParamsSortEmail
		mixed, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{
			Sort: &byEmail, Cursor: first.JSON200.NextCursor,
		})
		must(t, err)
		want(t, "status", mixed.StatusCode(), http.StatusUnprocessableEntity, mixed.Body)
		want(t, "name", *mixed.ApplicationProblemJSON422.Errors[0].Name, "cursor", mixed.Body)
	})
	t.Run("only admins may", func(t *testing.T) {
		t.Parallel()
		forbidden, err := user.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{})
		must(t, err)
		want(t, "status", forbidden.StatusCode(), http.StatusForbidden, forbidden.Body)
	})
}
