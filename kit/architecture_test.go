// Package kit_test checks which packages of the kit may import which.
package kit_test

import (
	"os"
	"strings"
	"testing"

	"example.com/plinth/kit/archtest"
)

// mayImport lists which packages of the kit a package may import: few, so that each can be used alone. The kit imports
// nothing of the service. Tests may import any package.
var mayImport = map[string][]string{
	"apidocs":      {"apispec"},
	"apigen":       {"internal/yamldoc"},
	"apispec":      {"formats", "internal/goname", "internal/yamldoc"},
	"archtest":     {},
	"auth":         {},
	"cmd/contract": {"apigen", "apispec"},
	"cmd/resource": {"resource"},
	"cli":          {},
	"clientkit":    {}, // other programs link it
	"clientnet":    {},
	"connlimit":    {},
	"contracttest": {"formats", "internal/schematree", "problem"},
	"devdb":        {},
	"devrun":       {"devdb"},
	"emailaddr":    {},
	"exact":        {},
	"failure":      {},
	"formats":      {},
	"gcra":         {},
	"headguard":    {},
	"httpkit": {
		"apidocs", "apispec", "clientnet", "idgen", "mailkit", "problem", "ratelimit", "reqcheck", "telemetry",
	},
	"idgen":                     {},
	"internal/testapi":          {"apispec", "auth", "httpkit", "idgen", "problem", "reqcheck", "telemetry"}, // for tests
	"internal/schematree":       {},
	"internal/goname":           {},
	"internal/yamldoc":          {},
	"jobs":                      {},
	"keyfile":                   {"auth", "cli"},
	"lifecycle":                 {"connlimit", "headguard"},
	"internal/gen/shapesclient": {},
	"internal/gen/shopapi":      {},
	"internal/gen/shopclient":   {},
	"internal/shop":             {"httpkit", "internal/gen/shopapi", "internal/testapi", "problem"}, // a service for tests
	"internal/shop/cmd/shop":    {"internal/shop", "internal/testapi"},
	"internal/things":           {"apispec"}, // for tests
	"mailbox":                   {"idgen", "mailkit"},
	"mailkit":                   {},
	"migrator":                  {"pgkit"},
	"migrator/migratecli":       {"cli", "migrator", "pgkit"},
	"otlptest":                  {},
	"paging":                    {},
	"pgkit":                     {},
	"problem":                   {},
	"resource":                  {"internal/goname", "internal/yamldoc"},
	"ratelimit":                 {"gcra"},
	"sweep":                     {},
	"reqcheck":                  {"apispec", "formats", "internal/schematree", "problem", "strictjson"},
	"servertest":                {},
	"settings":                  {},
	"settings/settingsdoc":      {"settings"},
	"smtptest":                  {},
	"strictjson":                {"formats", "problem"},
	"telemetry":                 {},
	"testdb":                    {"devdb"},
	"textsearch":                {},
	"throttle":                  {"clientnet", "emailaddr"},
	"tokentest":                 {},
	"useragent":                 {},
}

// mayUse lists which packages may import a third-party module, so that it can be replaced there. Tests may use any module
// of the list.
var mayUse = map[string][]string{
	"github.com/alicebob/miniredis/v2":                   {}, // tests
	"github.com/emersion/go-sasl":                        {"smtptest"},
	"github.com/emersion/go-smtp":                        {"smtptest"},
	"github.com/exaring/otelpgx":                         {"pgkit"},
	"github.com/fergusstrange/embedded-postgres":         {"devdb"},
	"github.com/getkin/kin-openapi":                      {"apispec", "contracttest", "httpkit", "internal/schematree", "internal/testapi", "internal/things", "reqcheck", "strictjson"},
	"github.com/getsentry/sentry-go":                     {"telemetry"},
	"github.com/go-json-experiment/json":                 {"apispec", "auth", "contracttest", "strictjson"},
	"github.com/golang-jwt/jwt/v5":                       {"auth"},
	"github.com/golang-migrate/migrate/v4":               {"migrator"},
	"github.com/google/go-cmp":                           {}, // tests
	"github.com/hashicorp/golang-lru/v2":                 {"auth", "ratelimit"},
	"github.com/jackc/pgerrcode":                         {"migrator", "pgkit"},
	"github.com/jackc/pgx/v5":                            {"devdb", "jobs", "migrator", "pgkit", "testdb"},
	"github.com/jinzhu/inflection":                       {"resource"},
	"github.com/joho/godotenv":                           {"settings"},
	"github.com/kelseyhightower/envconfig":               {"settings"},
	"github.com/jackc/puddle/v2":                         {"pgkit"}, // the error of a closed pool
	"github.com/labstack/echo/v4":                        {"httpkit", "internal/gen/shopapi", "internal/testapi"},
	"github.com/oapi-codegen/nullable":                   {"internal/gen/shapesclient"},
	"github.com/oapi-codegen/runtime":                    {"apispec", "contracttest", "internal/gen/shapesclient", "internal/gen/shopapi", "internal/gen/shopclient", "internal/shop", "httpkit"},
	"github.com/oasdiff/yaml":                            {}, // tests
	"github.com/oasdiff/yaml3":                           {"apigen", "apispec", "internal/yamldoc", "resource"},
	"github.com/oklog/ulid/v2":                           {"idgen"},
	"github.com/prometheus/client_golang":                {"telemetry"},
	"github.com/redis/go-redis/extra/redisotel/v9":       {"ratelimit"},
	"github.com/redis/go-redis/v9":                       {"ratelimit"},
	"github.com/riverqueue/river":                        {"jobs"},
	"github.com/riverqueue/river/rivertype":              {"jobs"},
	"github.com/riverqueue/river/riverdriver/riverpgxv5": {"jobs"},
	"github.com/swaggest/swgui":                          {"apidocs"},
	"github.com/wneessen/go-mail":                        {"mailkit"},
	"go.opentelemetry.io/otel":                           {"jobs", "telemetry"},
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace":  {"telemetry"},
	"go.opentelemetry.io/otel/sdk":                       {"telemetry"},
	"go.opentelemetry.io/otel/trace":                     {"jobs", "pgkit", "ratelimit", "telemetry"},
	"go.opentelemetry.io/proto/otlp":                     {"otlptest", "telemetry"},
	"golang.org/x/crypto":                                {"auth"},
	"golang.org/x/sync":                                  {"auth", "clientkit", "reqcheck"},
	"golang.org/x/text":                                  {"auth"},
	"google.golang.org/protobuf":                         {"otlptest", "telemetry"},
}

func TestReadmeListsPackages(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range mayImport {
		isPart := strings.Contains(pkg, "/") // of another package
		if !isPart && !strings.Contains(string(readme), "| `"+pkg+"` |") {
			t.Errorf("README.md does not list %s: add a row with its purpose", pkg)
		}
	}
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	archtest.Check(t, archtest.Rules{Dir: ".", MayImport: mayImport, MayUse: mayUse, Isolated: isolated, Stateless: true})
}

// isolated lists what must not be linked, even indirectly.
var isolated = []archtest.Isolation{{
	Packages: []string{"apispec", "auth", "connlimit", "formats", "headguard", "idgen", "mailkit", "problem", "ratelimit", "reqcheck", "settings", "strictjson", "telemetry"}, // servers link these
	Never:    []string{"testing"},
}}
