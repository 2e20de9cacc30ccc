package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
)

// TestAPasswordCountsAsAWhole is about what hashes, and keyboards, make of a password.
func TestAPasswordCountsAsAWhole(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	for name, test := range map[string]struct{ set, sent, wrong string }{
		"bytes beyond the 72nd":  {strings.Repeat("a", 72) + "x", strings.Repeat("a", 72) + "x", strings.Repeat("a", 72) + "y"},
		"all of 128 characters":  {strings.Repeat("é", 127) + "x", strings.Repeat("é", 127) + "x", strings.Repeat("é", 127)},
		"composed or decomposed": {"caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me", "cafe creme"},
		"ligatures and widths":   {"o\ufb03ce \uff24oor 7", "office Door 7", "office door 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			email := newEmail()
			registered, err := s.client("").RegisterUserWithResponse(t.Context(), apiclient.RegisterUserRequest{Email: email, Password: test.set})
			must(t, err)
			want(t, "status", registered.StatusCode(), http.StatusCreated, registered.Body)
			for password, status := range map[string]int{test.set: http.StatusOK, test.sent: http.StatusOK, test.wrong: http.StatusUnauthorized} {
				login, err := s.client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{Email: email, Password: password})
				must(t, err)
				want(t, "status", login.StatusCode(), status, login.Body)
				changed, err := s.client(registered.JSON201.AccessToken).UpdateCurrentUserWithResponse(t.Context(), nil,
					apiclient.UpdateCurrentUserRequest{Email: &email, CurrentPassword: &password})
				must(t, err)
				want(t, "may change the e-mail", changed.StatusCode() == http.StatusOK, status == http.StatusOK, changed.Body)
			}
		})
	}
}
