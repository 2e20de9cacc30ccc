package httpapi_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/contracttest"
)

// What the examples of the contract name.
const (
	exampleUserID  = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
	exampleEmail   = "ada@example.com"
	exampleRefresh = "rt_pmX3k2VbYwqzJr0N8sLh5dTfGcUe1aQo7iKx4vBnMyE1a2b3c"
)

// samplePath is the path in a sample for the shell.
var samplePath = regexp.MustCompile(`\$API[^"?]*`)

// sampleAbout puts the identifiers of a row into a sample: into its path, its query and its JSON.
func sampleAbout(sample string, op contracttest.Operation, row map[string]string) string {
	sample = samplePath.ReplaceAllLiteralString(sample, "$API"+fill(op.Path, row))
	for name, id := range row {
		place := regexp.MustCompile(`([?&]` + regexp.QuoteMeta(name) + `=|"` + regexp.QuoteMeta(name) + `": "?)[^&"?,}]+`)
		sample = place.ReplaceAllString(sample, "${1}"+id)
	}
	return sample
}

// The samples for the shell are run as they are, on a server where what they name is there. Only the refresh token of the
// examples, which nobody has, is replaced by one that somebody has, and a row that has an owner by one that is there.
func TestSamplesForTheShellWork(t *testing.T) {
	t.Parallel()
	samples, err := apispec.Samples(apicontract.OpenAPI, api.Clients())
	must(t, err)
	for _, op := range contract.Operations() {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, options{})
			caller := s.example(op.ID != "registerUser", op.Role == string(domain.RoleAdmin))
			sample := strings.ReplaceAll(samples[op.ID][0].Source, exampleRefresh, caller.tokens.RefreshToken)
			if rows, _ := rowsOf(op); rows.create != nil {
				sample = sampleAbout(sample, op, rows.create(s, caller))
			}
			shell := exec.CommandContext(t.Context(), "sh", "-eu", "-c", sample)
			shell.Env = append(os.Environ(), "no_proxy=*", "NO_PROXY=*", "API="+s.url, "TOKEN="+caller.tokens.AccessToken)
			if output, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, sample, output)
			}
		})
	}
}

// example makes the account of the examples, if it shall be there. It returns that, logged in, or an administrator.
func (s *server) example(exists, asAdmin bool) account {
	s.t.Helper()
	if !exists {
		return account{}
	}
	pgtest.User(s.t, s.store, pgtest.UserOpts{ID: exampleUserID, Email: exampleEmail, PasswordHash: pgtest.HashPassword(s.t, password)})
	if asAdmin {
		return s.registerAdmin()
	}
	response, err := s.client("").LoginUserWithResponse(s.t.Context(), apiclient.LoginUserRequest{Email: exampleEmail, Password: password})
	must(s.t, err)
	return account{email: exampleEmail, tokens: *response.JSON200, ClientWithResponses: s.client(response.JSON200.AccessToken)}
}
