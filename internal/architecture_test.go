// Package internal_test checks which packages may import which, what a release may link, and that PostgreSQL accepts every
// query.
package internal_test

import (
	"testing"

	"example.com/plinth/kit/archtest"
)

// mayImport lists which packages of the service and the kit a package may import. Dependencies point at domain; httpapi and
// pgstore do not import each other; generated code stops at its adapter. Tests may import any package.
var mayImport = map[string][]string{
	"api":               {"gen/apicontract", "kit/apispec"},
	"api/cmd/published": {"api", "kit/apispec"},
	"db":                {},

	"gen/api":         {},
	"gen/apicontract": {"kit/problem"},
	"gen/apiclient":   {},
	"gen/dbsqlc":      {"internal/domain", "kit/exact"}, // types of columns

	"internal/config": {"kit/settings"},
	"internal/domain": {"kit/auth", "kit/clientnet", "kit/emailaddr", "kit/exact", "kit/failure", "kit/gcra", "kit/idgen", "kit/paging", "kit/sweep", "kit/throttle"},
	"internal/httpapi": {
		"api", "gen/api", "gen/apicontract", "internal/domain", "kit/apidocs", "kit/apispec", "kit/auth", "kit/exact", "kit/httpkit", "kit/idgen",
		"kit/paging", "kit/problem", "kit/reqcheck", "kit/telemetry",
	},
	"internal/mail":    {"internal/domain", "kit/mailkit", "kit/useragent"},
	"internal/pgstore": {"db", "gen/dbsqlc", "internal/domain", "kit/jobs", "kit/migrator", "kit/paging", "kit/pgkit", "kit/textsearch", "kit/throttle"},
	"internal/app": { // everything that a server is made of
		"gen/apicontract", "kit/auth", "internal/config", "internal/domain", "kit/gcra", "kit/httpkit", "kit/idgen", "kit/jobs", "kit/keyfile", "kit/lifecycle", "internal/httpapi",
		"internal/mail", "kit/mailbox", "kit/mailkit", "internal/pgstore", "kit/pgkit", "kit/ratelimit", "kit/telemetry",
	},

	// scaffold:begin go-client
	// What programs of others import.
	"clients/go": {"gen/apiclient", "kit/clientkit"},
	// scaffold:end go-client

	"cmd/admin":   {"internal/app", "internal/config", "internal/domain", "internal/pgstore", "kit/cli", "kit/idgen", "kit/keyfile"},
	"cmd/dev":     {"db", "internal/app", "internal/config", "internal/pgstore", "kit/cli", "kit/devdb", "kit/devrun", "kit/pgkit", "kit/telemetry"},
	"cmd/migrate": {"db", "internal/config", "internal/pgstore", "kit/cli", "kit/migrator/migratecli", "kit/settings"},
	"cmd/server":  {"internal/app", "internal/config", "kit/cli", "kit/lifecycle"},
	"cmd/worker":  {"internal/app", "internal/config", "kit/cli"},

	// For laptops and tests.
	"internal/apitest": {
		"gen/apiclient", "gen/apicontract", "internal/app", "internal/config", "internal/domain", "internal/httpapi", "internal/mail", "internal/pgstore",
		"internal/pgtest", "kit/auth", "kit/contracttest", "kit/headguard", "kit/lifecycle", "kit/servertest", "kit/telemetry",
		"kit/testdb", "kit/tokentest",
	},
	"internal/pgtest": {
		"db", "internal/domain", "internal/pgstore", "kit/auth", "kit/idgen", "kit/migrator", "kit/testdb",
	},
}

// mayUse lists which packages may import a third-party module, so that it can be replaced there. Tests may use any module
// of the list.
var mayUse = map[string][]string{
	"github.com/getkin/kin-openapi":    {"gen/api", "internal/httpapi"},
	"github.com/golang-jwt/jwt/v5":     {}, // tests
	"github.com/google/go-cmp":         {}, // tests
	"github.com/jackc/pgerrcode":       {"internal/pgstore"},
	"github.com/jackc/pgx/v5":          {"gen/dbsqlc", "internal/pgstore", "internal/pgtest"},
	"github.com/labstack/echo/v4":      {"gen/api", "internal/httpapi"},
	"github.com/oapi-codegen/nullable": {"gen/api", "gen/apiclient", "internal/httpapi"},
	"github.com/oapi-codegen/runtime":  {"gen/api", "gen/apiclient", "internal/httpapi"},
	"golang.org/x/crypto":              {}, // tests
	"golang.org/x/sync":                {"internal/app"},
}

// isolated lists what must not be linked, even indirectly.
var isolated = []archtest.Isolation{
	{
		Packages: []string{"cmd/admin", "cmd/migrate", "cmd/server", "cmd/worker"}, // a release
		Never: []string{
			"testing",
			"gen/apiclient",
			"github.com/fergusstrange/embedded-postgres",
			"kit/contracttest",
			"internal/apitest",
			"internal/pgtest",
			"kit/internal/gen/...",
			"kit/internal/shop/...",
			"kit/archtest",
			"kit/devdb",
			"kit/devrun",
			"kit/otlptest",
			"kit/smtptest",
			"kit/settings/settingsdoc",
			"kit/testdb",
		},
	},
	// scaffold:begin go-client
	{
		Packages: []string{"clients/go"}, // other programs import it, so it stays small
		Never: []string{
			"gen/api", "internal/...", "kit/...", "github.com/getkin/...", "github.com/jackc/...", "github.com/labstack/...",
		},
		Except: []string{"kit/clientkit"},
	},
	// scaffold:end go-client
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	archtest.Check(t, archtest.Rules{
		Dir: "..", Neighbors: map[string]string{"kit": "example.com/plinth/kit"}, MayImport: mayImport, MayUse: mayUse, Isolated: isolated,
	})
}
