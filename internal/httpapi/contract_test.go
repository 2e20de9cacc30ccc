package httpapi_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/apitest"
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
