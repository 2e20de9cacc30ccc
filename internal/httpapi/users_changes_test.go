package httpapi_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/oapi-codegen/nullable"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
)

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	admin := s.registerAdmin()
	patch := func(t *testing.T, as account, id string, change apiclient.UpdateUserRequest) *apiclient.UpdateUserResponse {
		t.Helper()
		response, err := as.UpdateUserWithResponse(t.Context(), id, nil, change)
		must(t, err)
		return response
	}
	name, no := nullable.NewNullableWithValue("Ada"), false

	t.Run("a name is set, left alone when absent, and cleared by null", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		ada := s.register()
		id := s.user(ada).ID
		set := patch(t, admin, id, apiclient.UpdateUserRequest{Name: name})
		want(t, "status", set.StatusCode(), http.StatusOK, set.Body)
		want(t, "name", *set.JSON200.Name, "Ada", set.Body)
		want(t, "ETag", set.Headers200.ETag, `"2"`, set.Body)
		off := patch(t, admin, id, apiclient.UpdateUserRequest{IsActive: &no})
		want(t, "name", *off.JSON200.Name, "Ada", off.Body)
		want(t, "whether active", off.JSON200.IsActive, false, off.Body)
		cleared := patch(t, admin, id, apiclient.UpdateUserRequest{Name: nullable.NewNullNullable[string]()})
		want(t, "name", cleared.JSON200.Name, nil, cleared.Body)
		want(t, "whether active", cleared.JSON200.IsActive, false, cleared.Body)
		want(t, "role", cleared.JSON200.Role, apiclient.UserRoleUser, cleared.Body)
		want(t, "email", cleared.JSON200.Email, ada.email, cleared.Body)
	})
	t.Run("an account that was deactivated is let in again, with a new session", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		ada, yes := s.register(), true
		id := s.user(ada).ID
		patch(t, admin, id, apiclient.UpdateUserRequest{IsActive: &no})
		login := apiclient.LoginUserRequest{Email: ada.email, Password: password}
		refused, err := s.client("").LoginUserWithResponse(t.Context(), login)
		must(t, err)
		want(t, "status of a login", refused.StatusCode(), http.StatusUnauthorized, refused.Body)
		patch(t, admin, id, apiclient.UpdateUserRequest{IsActive: &yes})
		s.wantSession(t, ada, false)
		s.wantSession(t, s.login(t, ada), true)
	})
	t.Run("a new admin may do what admins may", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		ada, role := s.register(), apiclient.UserRoleAdmin
		patch(t, admin, s.user(ada).ID, apiclient.UpdateUserRequest{Role: &role})
		promoted, err := s.login(t, ada).GetUserWithResponse(t.Context(), s.user(admin).ID)
		must(t, err)
		want(t, "status", promoted.StatusCode(), http.StatusOK, promoted.Body)
	})
	ada := s.register()
	for _, test := range []struct {
		name   string
		as     account
		id     string
		status int
	}{
		{"nobody is not found", admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusNotFound},
		{"an id that is none is invalid", admin, "42", http.StatusUnprocessableEntity},
		{"a user changes nobody, not even themselves", ada, s.user(ada).ID, http.StatusForbidden},
		{"a user does not learn who exists", ada, "01JD8Z5V3K4N6P7Q8R9S0T1V2W", http.StatusForbidden},
		{"a stranger is told to log in", account{ClientWithResponses: s.client("")}, s.user(ada).ID, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response := patch(t, test.as, test.id, apiclient.UpdateUserRequest{Name: name})
			want(t, "status", response.StatusCode(), test.status, response.Body)
		})
	}
}

func TestLastAdminCannotBeRemoved(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	admin := s.registerAdmin()
	id, role, no := s.user(admin).ID, apiclient.UserRoleUser, false
	for _, change := range []apiclient.UpdateUserRequest{{Role: &role}, {IsActive: &no}, {Role: &role, IsActive: &no}} {
		response, err := admin.UpdateUserWithResponse(t.Context(), id, nil, change)
		must(t, err)
		want(t, "status", response.StatusCode(), http.StatusConflict, response.Body)
		want(t, "code", response.ApplicationProblemJSON409.Code, apiclient.ProblemCodeLastAdmin, response.Body)
	}
	deleted, err := admin.DeleteCurrentUserWithResponse(t.Context(), apiclient.DeleteCurrentUserRequest{CurrentPassword: password})
	must(t, err)
	want(t, "status", deleted.StatusCode(), http.StatusConflict, deleted.Body)
	want(t, "code", deleted.ApplicationProblemJSON409.Code, apiclient.ProblemCodeLastAdmin, deleted.Body)

	s.registerAdmin()
	stepped, err := admin.UpdateUserWithResponse(t.Context(), id, nil, apiclient.UpdateUserRequest{Role: &role})
	must(t, err)
	want(t, "status", stepped.StatusCode(), http.StatusOK, stepped.Body)
	s.wantSession(t, admin, false)
}

func TestDeleteCurrentUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()
	remove := func(as account, current string) *apiclient.DeleteCurrentUserResponse {
		response, err := as.DeleteCurrentUserWithResponse(t.Context(), apiclient.DeleteCurrentUserRequest{CurrentPassword: current})
		must(t, err)
		return response
	}
	wrong := remove(ada, "wrong")
	want(t, "status", wrong.StatusCode(), http.StatusForbidden, wrong.Body)
	want(t, "code", wrong.ApplicationProblemJSON403.Code, apiclient.ProblemCodeReauthenticationFailed, wrong.Body)
	want(t, "challenge", wrong.HTTPResponse.Header.Get("WWW-Authenticate"), "", wrong.Body) // the token is good
	long := remove(ada, strings.Repeat("é", 513))
	want(t, "status", long.StatusCode(), http.StatusUnprocessableEntity, long.Body)
	want(t, "pointer", *long.ApplicationProblemJSON422.Errors[0].Pointer, "/current_password", long.Body)
	s.wantSession(t, ada, true)

	gone := remove(ada, password)
	want(t, "status", gone.StatusCode(), http.StatusNoContent, gone.Body)
	again := remove(ada, password)
	want(t, "status", again.StatusCode(), http.StatusUnauthorized, again.Body)
	s.wantSession(t, ada, false)
	free, err := s.client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{Email: ada.email, Password: password})
	must(t, err)
	want(t, "status of the same e-mail", free.StatusCode(), http.StatusCreated, free.Body)
}

func TestCurrentPassword(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()
	email, fresh, wrong, right := newEmail(), "another good password", "wrong", password
	patch := func(change apiclient.UpdateCurrentUserRequest) *apiclient.UpdateCurrentUserResponse {
		response, err := ada.UpdateCurrentUserWithResponse(t.Context(), nil, change)
		must(t, err)
		return response
	}
	for _, change := range []apiclient.UpdateCurrentUserRequest{{Email: &email}, {Password: &fresh}, {Email: &email, Password: &fresh}} {
		missing := patch(change)
		want(t, "status", missing.StatusCode(), http.StatusUnprocessableEntity, missing.Body)
		want(t, "pointer", *missing.ApplicationProblemJSON422.Errors[0].Pointer, "/current_password", missing.Body)
		want(t, "code", missing.ApplicationProblemJSON422.Errors[0].Code, "required", missing.Body)
		change.CurrentPassword = &wrong
		refused := patch(change)
		want(t, "status", refused.StatusCode(), http.StatusForbidden, refused.Body)
		want(t, "code", refused.ApplicationProblemJSON403.Code, apiclient.ProblemCodeReauthenticationFailed, refused.Body)
	}
	named := patch(apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullableWithValue("Ada")})
	want(t, "status of a name alone", named.StatusCode(), http.StatusOK, named.Body)
	nothing := patch(apiclient.UpdateCurrentUserRequest{CurrentPassword: &right})
	want(t, "status of nothing to change", nothing.StatusCode(), http.StatusOK, nothing.Body)
	want(t, "ETag", nothing.Headers200.ETag, named.Headers200.ETag, nothing.Body)
	want(t, "email", nothing.JSON200.Email, ada.email, nothing.Body)
}

// TestIfMatch is about RFC 9110, section 13.1.1, on both operations that know it.
//
//nolint:paralleltest,tparallel // the subtests are on one account
func TestIfMatch(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada, admin := s.register(), s.registerAdmin()
	id := s.user(ada).ID
	for operation, patch := range map[string]func(ifMatch string) (status int, body []byte, problem apiclient.Problem, tag string){
		"one's own": func(ifMatch string) (int, []byte, apiclient.Problem, string) {
			response, err := ada.UpdateCurrentUserWithResponse(t.Context(), &apiclient.UpdateCurrentUserParams{IfMatch: &ifMatch},
				apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullableWithValue("Ada")})
			must(t, err)
			problem := problemOf(t, response.HTTPResponse, response.Body)
			return response.StatusCode(), response.Body, problem, response.HTTPResponse.Header.Get("ETag")
		},
		"by an admin": func(ifMatch string) (int, []byte, apiclient.Problem, string) {
			response, err := admin.UpdateUserWithResponse(t.Context(), id, &apiclient.UpdateUserParams{IfMatch: &ifMatch},
				apiclient.UpdateUserRequest{Name: nullable.NewNullableWithValue("Ada")})
			must(t, err)
			problem := problemOf(t, response.HTTPResponse, response.Body)
			return response.StatusCode(), response.Body, problem, response.HTTPResponse.Header.Get("ETag")
		},
	} {
		t.Run(operation, func(t *testing.T) {
			current := func() string {
				response, err := admin.GetUserWithResponse(t.Context(), id)
				must(t, err)
				return response.Headers200.ETag
			}
			stale := current()
			for _, form := range []string{`TAG`, `*`, `"0", TAG`, `W/"0",TAG`, ` , TAG ,,`, `TAG , "a,b"`, `"W/", TAG`} {
				before := current()
				status, body, _, after := patch(strings.ReplaceAll(form, "TAG", before))
				want(t, "status of "+form, status, http.StatusOK, body)
				if after == before || after != current() {
					t.Errorf("%s: after %s came %s, and now it is %s", form, before, after, current())
				}
			}
			for _, form := range []string{
				stale, `"0"`, `W/TAG`, `"0", W/TAG`, `""`, `"*"`, `"xVERSION"`, `"+VERSION"`, `"0VERSION"`, `"99999999999999999999"`, `"é"`,
			} {
				before := current()
				ifMatch := strings.NewReplacer("TAG", before, "VERSION", strings.Trim(before, `"`)).Replace(form)
				status, body, problem, _ := patch(ifMatch)
				want(t, "status of "+ifMatch, status, http.StatusPreconditionFailed, body)
				want(t, "code", problem.Code, apiclient.ProblemCodePreconditionFailed, body)
				want(t, "ETag after a refused change", current(), before, body)
			}
			for _, form := range []string{`x`, `3`, `"3`, `3"`, `"3" "4"`, `"3"x`, `w/"3"`, `W/`, `W/ "3"`, `*, "3"`, `"3", *`, `'3'`, `,`, `"3 4"`, `"3";"4"`} {
				status, body, problem, _ := patch(form)
				want(t, "status of "+form, status, http.StatusUnprocessableEntity, body)
				entry := problem.Errors[0]
				want(t, "place", string(*entry.In)+":"+*entry.Name+" "+entry.Code, "header:If-Match invalid_format", body)
			}
		})
	}
}

// Of many that have read the same version, one may write.
func TestOneOfManyWritersWins(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	ada := s.register()
	me, err := ada.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	var group sync.WaitGroup
	statuses := make(chan int, 20)
	for i := range cap(statuses) {
		group.Go(func() {
			response, err := ada.UpdateCurrentUserWithResponse(t.Context(), &apiclient.UpdateCurrentUserParams{IfMatch: &me.Headers200.ETag},
				apiclient.UpdateCurrentUserRequest{Name: nullable.NewNullableWithValue(strconv.Itoa(i))})
			if err != nil {
				t.Error(err)
				return
			}
			statuses <- response.StatusCode()
		})
	}
	group.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	if counts[http.StatusOK] != 1 || counts[http.StatusPreconditionFailed] != 19 {
		t.Errorf("the statuses are %v", counts)
	}
}

func TestListUsersSearch(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	admin := s.registerAdmin()
	name := "8da L0velace" // no e-mail of these tests has such digits
	ada := s.register()
	_, err := s.store.UpdateUser(t.Context(), s.user(ada).ID, domain.UserUpdate{SetName: true, Name: &name})
	must(t, err)
	s.register()
	for search, wanted := range map[string]int{
		"L0VE": 1, "8da": 1, "8d": 0, "0ve": 1, "0v": 0, ada.email[:30]: 1, "@example.com": 3, "%": 0, ada.email: 1, "n0b0dy": 0,
	} {
		page, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Search: &search})
		must(t, err)
		want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
		want(t, "accounts with "+search, len(page.JSON200.Items), wanted, page.Body)
	}
	for _, search := range []string{"", strings.Repeat("x", 201)} {
		page, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Search: &search})
		must(t, err)
		want(t, "status of a bad search", page.StatusCode(), http.StatusUnprocessableEntity, page.Body)
	}
}
