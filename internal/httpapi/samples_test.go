package httpapi_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.com/plinth/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/contracttest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// What the examples of the contract name.
const (
	exampleUserID    = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
	exampleSessionID = "01JD8Z5W8Q2R4S6T8V0W2X4Y6Z"
	exampleEmail     = "ada@example.com"
	exampleRefresh   = "rt_pmX3k2VbYwqzJr0N8sLh5dTfGcUe1aQo7iKx4vBnMyE1a2b3c"
)

// The samples for the shell are run as they are, on a server where what they name is there. Only the refresh token of the
// examples, which nobody has, is replaced by one that somebody has.
func TestSamplesForTheShellWork(t *testing.T) {
	t.Parallel()
	samples, err := api.CodeSamples()
	must(t, err)
	for _, op := range contracttest.Operations(t) {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, options{})
			token, refresh := s.example(op.ID != "registerUser", op.Role == string(domain.RoleAdmin))
			sample := strings.ReplaceAll(samples[op.ID][0].Source, exampleRefresh, refresh)
			shell := exec.CommandContext(t.Context(), "sh", "-eu", "-c", sample)
			shell.Env = append(os.Environ(), "API="+s.url, "TOKEN="+token)
			if output, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, sample, output)
			}
		})
	}
}

// example makes the account of the examples, if it shall be there, with the session of the examples and another one. It
// returns the tokens of that, or of an administrator.
func (s *server) example(exists, asAdmin bool) (access, refresh string) {
	s.t.Helper()
	if !exists {
		return "", ""
	}
	user := pgtest.User(s.t, s.store, pgtest.UserOpts{ID: exampleUserID, Email: exampleEmail, PasswordHash: pgtest.HashPassword(s.t, password)})
	_, err := s.store.CreateSession(s.t.Context(), domain.NewSession{ID: exampleSessionID, UserID: user.ID, Lifetime: time.Hour})
	must(s.t, err)
	must(s.t, s.store.CreateRefreshToken(s.t.Context(), domain.NewRefreshToken{SessionID: exampleSessionID, Lifetime: time.Hour}))
	if asAdmin {
		admin := s.registerAdmin()
		return admin.tokens.AccessToken, admin.tokens.RefreshToken
	}
	response, err := s.client("").LoginUserWithResponse(s.t.Context(), apiclient.LoginUserRequest{Email: exampleEmail, Password: password})
	must(s.t, err)
	return response.JSON200.AccessToken, response.JSON200.RefreshToken
}
