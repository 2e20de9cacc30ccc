package httpapi_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/contracttest"
)

// TestMain fails unless the tests see each documented status of each operation.
func TestMain(m *testing.M) { os.Exit(apitest.Contract.Main(m)) }

// fixture declares what the tests of the contract need to know about a noun. It stands in the test
// file of the noun.
type fixture struct {
	// public lists the operations that need no token.
	public []string
	// samples prepare what the sample of an operation names besides accounts, and return the token
	// of a link, which replaces that of the sample. They get an account that may call it.
	samples map[string]func(s *apitest.Server, caller apitest.Account) (token string)
	// rows lists the operations that take identifiers of rows: in their path, or as x_id in their
	// query or body.
	rows map[string]rows
	// known returns values that exist in the service. It is called once, in an empty database.
	known func(s *apitest.Server) contracttest.Known
	// knownTo returns values that belong to an account.
	knownTo func(s *apitest.Server, a apitest.Account) contracttest.Known
}

// rows describes the rows of an operation. Only the owner of a row may reach it, and only through
// the parents of the row.
type rows struct {
	// create creates a row of an account, with new parents, and returns the identifiers of all of
	// them by their names in requests: a task of a project is {"project_id": …, "id": …}.
	create func(s *apitest.Server, owner apitest.Account) contracttest.Row
	// shared is the reason why the rows have no owner, if they have none. Then create is optional: the
	// other tests of the contract use its rows.
	shared string
	// except lists identifiers that may be those of other rows.
	except contracttest.Exceptions
}

// fixtures lists all nouns.
var fixtures = []fixture{
	auditEventFixture, // scaffold:only audit
	invitationFixture, // scaffold:only invitations
	userFixture, sessionFixture, throttleFixture, keyFixture, healthFixture,
	accountMailFixture,
}

// rowsOf returns the rows of an operation; the zero value if no noun declares them.
func rowsOf(operation contracttest.Operation) (rows, bool) {
	for _, noun := range fixtures {
		if found, ok := noun.rows[operation.ID]; ok {
			return found, true
		}
	}
	return rows{}, false
}

func TestFixturesNameOperations(t *testing.T) {
	t.Parallel()
	exists := func(id string) bool {
		return slices.ContainsFunc(apitest.Contract.Operations(), func(op contracttest.Operation) bool { return op.ID == id })
	}
	for _, noun := range fixtures {
		for _, id := range noun.public {
			apitest.Want(t, id+" is in the contract", exists(id), true, nil)
		}
		for id := range noun.rows {
			apitest.Want(t, id+" is in the contract", exists(id), true, nil)
		}
	}
}

// TestOwners sends each operation with identifiers that do not belong together, as a stranger and
// as the owner.
//
//nolint:paralleltest,tparallel // sequential, to see which request writes
func TestOwners(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	check := contracttest.Ownership{Client: w.HTTP, URL: w.URL, Lists: apitest.Contract.Operations(), Snapshot: w.Snapshot}
	for _, operation := range apitest.Contract.Operations() {
		rows, declared := rowsOf(operation)
		takesRows := len(operation.References()) > 0
		if takesRows != declared || declared && rows.create == nil && rows.shared == "" {
			t.Errorf("%s takes %v: declare its rows in the fixture of its noun, and list the fixture in fixtures",
				operation, operation.References())
			continue
		}
		if rows.create == nil || rows.shared != "" {
			continue
		}
		t.Run(operation.ID, func(t *testing.T) {
			s := w.In(t)
			rowsOf := func(owner apitest.Account) contracttest.RowOwner {
				return contracttest.RowOwner{
					Token: owner.Tokens.AccessToken, Row: rows.create(s, owner), Other: rows.create(s, owner),
				}
			}
			owner, strangers := s.Register, []contracttest.RowOwner{rowsOf(s.RegisterAdmin())}
			if operation.Role == "admin" {
				owner = s.RegisterAdmin
			} else {
				strangers = append(strangers, rowsOf(s.Register()))
			}
			check.Check(t, operation, rows.except, rowsOf(owner()), strangers...)
		})
	}
}

// fill replaces the parameters in the path of an operation.
func fill(path string, parameters map[string]string) string {
	for name, value := range parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}

// `make fuzz` sets these higher.
var (
	propertySeed     = flag.Uint64("property.seed", 1, "seed of the requests that are derived from the contract")
	propertyRequests = flag.Int("property.requests", 200, "requests for each operation and caller")
)

// TestContractProperties sends valid and invalid requests to each operation. No response may be a
// 5xx or undocumented, and invalid requests must be refused.
func TestContractProperties(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	known := contracttest.Known{"If-Match": {"*"}}
	for _, noun := range fixtures {
		if noun.known != nil {
			known = known.With(noun.known(s))
		}
	}
	for _, operation := range apitest.Contract.Operations() {
		t.Run(operation.ID, func(t *testing.T) {
			t.Parallel()
			s := s.In(t)
			callers := []*contracttest.Caller{{}, {Role: "user"}, {Role: "admin"}}
			for i, caller := range callers {
				mine := prepare(s, operation, caller, known)
				count := share(operation, caller, callers)
				for _, request := range mine.Requests(t, operation, *propertySeed+uint64(i), count) {
					request.Send(t, s.HTTP, s.URL, caller)
				}
			}
		})
	}
}

// prepare gives a caller an account, and returns the known values with those of the account.
func prepare(
	s *apitest.Server, operation contracttest.Operation, caller *contracttest.Caller, known contracttest.Known,
) contracttest.Known {
	s.T.Helper()
	newAccount := s.Register
	if caller.Role == "admin" {
		newAccount = s.RegisterAdmin
	}
	owner := newAccount()
	if caller.Role != "" {
		caller.Token = owner.Tokens.AccessToken
		caller.Renew = func() string { return newAccount().Tokens.AccessToken }
	}
	for _, noun := range fixtures {
		if noun.knownTo != nil {
			known = known.With(noun.knownTo(s, owner))
		}
	}
	if rows, _ := rowsOf(operation); rows.create != nil && operation.Allows(caller.Role) {
		known = known.With(rows.create(s, owner).Known())
	}
	return known
}

// share returns how many requests a caller sends. Callers with access send most of them: the others
// get the same response to all.
func share(operation contracttest.Operation, caller *contracttest.Caller, callers []*contracttest.Caller) int {
	if !operation.Allows(caller.Role) {
		return *propertyRequests / 4
	}
	allowed := 0
	for _, c := range callers {
		if operation.Allows(c.Role) {
			allowed++
		}
	}
	return *propertyRequests * len(callers) / allowed
}

// TestProblemsEqualTheirExamples compares responses with the examples of problems in the contract, except
// the request id.
//
//nolint:paralleltest,tparallel // the subtests share an account
func TestProblemsEqualTheirExamples(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(apicontract.OpenAPI)
	apitest.Must(t, err)
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"LOGIN_FAILURES_PER_ACCOUNT": "2"}})
	limited := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"RATE_LIMIT_READ": "1/1h"}})
	broken := apitest.NewServer(t, apitest.Options{})
	broken.Store.Close()
	ada, throttled := exampleAccount(s, true, false), s.Register()
	root := s.RegisterAdmin()
	ofAda := apitest.UsersPath + exampleUserID
	alone := apitest.NewServer(t, apitest.Options{})
	admin := pgtest.User(t, alone.Store, pgtest.UserOpts{ID: exampleUserID, Role: domain.RoleAdmin})
	last, err := alone.Client("").LoginUserWithResponse(t.Context(), apiclient.LoginUserRequest{
		Email: admin.Email, Password: pgtest.Password,
	})
	apitest.Must(t, err)
	demotion := apitest.Post(ofAda, `{"role":"user"}`).Bearing(last.JSON200.AccessToken)
	demotion.Method = http.MethodPatch
	attempt := apitest.Login(`{"email":"` + throttled.Email + `","password":"wrong"}`)
	for range 2 {
		s.Send(t, attempt)
	}
	limited.Send(t, apitest.Get(apitest.MePath))

	for name, refused := range map[string]struct {
		on *apitest.Server
		apitest.Request
	}{
		"MalformedRequest":       {s, apitest.Login(apitest.UnknownLogin + "x")},
		"BodyTooLarge":           {s, apitest.Register(strings.Repeat(" ", 64<<10+1))},
		"UnsupportedMediaType":   {s, apitest.Register("").Typed("text/plain")},
		"Unauthenticated":        {s, apitest.Get(apitest.MePath)},
		"InvalidToken":           {s, apitest.Get(apitest.MePath).Bearing("x")},
		"InvalidCredentials":     {s, apitest.Login(apitest.UnknownLogin)},
		"InvalidOneTimeToken":    {s, apitest.Post("/api/v1/auth/verification/confirmation", `{"token":"x"}`)},
		"InvalidRefreshToken":    {s, apitest.Refresh(`{"refresh_token":"x"}`)},
		"Forbidden":              {s, apitest.Get(ofAda).As(ada)},
		"ReauthenticationFailed": {s, apitest.Change(ada, `{"name":"Ada","current_password":"wrong"}`)},
		"SessionNotFound":        {s, apitest.Request{Method: http.MethodDelete, Path: apitest.MePath + "/sessions/" + "01JD8Z5W8Q2R4S6T8V0W2X4Y6Z"}.As(ada)},
		"EmailTaken":             {s, apitest.Register(`{"email":"` + exampleEmail + `","password":"something longer than that"}`)},
		"PreconditionFailed":     {s, apitest.Change(ada, `{"name":"Ada"}`).With("If-Match", `"0"`)},
		"InvalidBody":            {s, apitest.Register(`{"email":"ada.example.com","password":"x"}`)},
		"InvalidParameter":       {s, apitest.Get(apitest.UsersPath + strings.ToLower(exampleUserID)).As(root)},
		"TooManyAttempts":        {s, attempt},
		"RateLimited":            {limited, apitest.Get(apitest.MePath)},
		"Unavailable":            {broken, apitest.Get(apitest.MePath).As(ada)},
		"UserNotFound":           {limited, apitest.Get(ofAda).As(limited.RegisterAdmin())},
		"LastAdmin":              {alone, demotion},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := refused.on.Send(t, refused.Request)
			wanted, err := json.Marshal(spec.Components.Examples[name].Value.Value)
			apitest.Must(t, err)
			apitest.Want(t, "answer", withoutRequestID(t, body), withoutRequestID(t, wanted), body)
		})
	}
}

func withoutRequestID(t *testing.T, text []byte) string {
	t.Helper()
	var members map[string]any
	apitest.Must(t, json.Unmarshal(text, &members))
	delete(members, "request_id")
	ordered, err := json.Marshal(members)
	apitest.Must(t, err)
	return string(ordered)
}

// What the examples of the contract name.
const (
	exampleUserID  = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
	exampleEmail   = "ada@example.com"
	exampleRefresh = "rt_pmX3k2VbYwqzJr0N8sLh5dTfGcUe1aQo7iKx4vBnMyE1a2b3c"
	exampleToken   = "ot_q3Zb0m9dKZr3uXq2wVt8nLs5eJfGpA7iOzB4yQxRkM1"
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

// TestShellSamples runs the samples for the shell on a server with the accounts that they name. Only
// refresh tokens and identifiers of rows are replaced by existing ones.
func TestShellSamples(t *testing.T) {
	t.Parallel()
	samples, err := apispec.Samples(apicontract.OpenAPI, api.Clients())
	apitest.Must(t, err)
	for _, op := range apitest.Contract.Operations() {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			s := apitest.NewServer(t, apitest.Options{})
			caller := exampleAccount(s, op.ID != "registerUser", op.Role == string(domain.RoleAdmin))
			sample := strings.ReplaceAll(samples[op.ID][0].Source, exampleRefresh, caller.Tokens.RefreshToken)
			for _, noun := range fixtures {
				if prepare := noun.samples[op.ID]; prepare != nil {
					sample = strings.ReplaceAll(sample, exampleToken, prepare(s, caller))
				}
			}
			if rows, _ := rowsOf(op); rows.create != nil {
				sample = sampleAbout(sample, op, rows.create(s, caller))
			}
			shell := exec.CommandContext(t.Context(), "sh", "-eu", "-c", sample)
			shell.Env = append(os.Environ(), "no_proxy=*", "NO_PROXY=*", "API="+s.URL, "TOKEN="+caller.Tokens.AccessToken)
			if output, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, sample, output)
			}
		})
	}
}

// example makes the account of the examples, if it shall be there. It returns that, logged in, or an administrator.
func exampleAccount(s *apitest.Server, exists, asAdmin bool) apitest.Account {
	s.T.Helper()
	if !exists {
		return apitest.Account{}
	}
	pgtest.User(s.T, s.Store, pgtest.UserOpts{ID: exampleUserID, Email: exampleEmail, PasswordHash: pgtest.HashPassword(s.T, apitest.Password)})
	if asAdmin {
		return s.RegisterAdmin()
	}
	response, err := s.Client("").LoginUserWithResponse(s.T.Context(), apiclient.LoginUserRequest{Email: exampleEmail, Password: apitest.Password})
	apitest.Must(s.T, err)
	return apitest.Account{Email: exampleEmail, Tokens: *response.JSON200, ClientWithResponses: s.Client(response.JSON200.AccessToken)}
}
