package lab_test

import (
	"testing"

	"example.com/plinth/kit/archtest"
)

func TestArchitecture(t *testing.T) {
	t.Parallel()
	archtest.Check(t, archtest.Rules{
		Dir:       ".",
		Neighbors: map[string]string{"app": "example.com/plinth", "kit": "example.com/plinth/kit"},
		MayImport: map[string][]string{
			"bench":      {"app/db", "bench/load", "kit/devdb"}, // measures the programs from outside
			"bench/bare": {},
			"bench/load": {},
			"faults":     {}, // tests
			"numbers":    {},
			"pooler":     {}, // tests
			"protocol":   {}, // tests
			"resource":   {}, // tests
			"rules":      {}, // tests
			"scale":      {}, // tests
			"serving":    {}, // tests
			"store":      {}, // tests
			"timing":     {}, // tests
			"types":      {}, // tests
			"types/gen":  {"kit/exact"},
		},
		MayUse: map[string][]string{
			"github.com/VictoriaMetrics/metricsql":               {}, // tests
			"github.com/alicebob/miniredis/v2":                   {}, // tests
			"github.com/emersion/go-smtp":                        {"bench"},
			"github.com/getkin/kin-openapi":                      {}, // tests
			"github.com/golang-jwt/jwt/v5":                       {"bench/bare"},
			"github.com/google/go-cmp":                           {}, // tests
			"github.com/google/uuid":                             {"types/gen"},
			"github.com/jackc/pgerrcode":                         {}, // tests
			"github.com/jackc/pgx/v5":                            {"bench/bare", "types/gen"},
			"github.com/labstack/echo/v4":                        {"bench/bare"},
			"github.com/oapi-codegen/nullable":                   {}, // tests
			"github.com/oasdiff/yaml":                            {}, // tests
			"github.com/oklog/ulid/v2":                           {}, // tests
			"github.com/riverqueue/river":                        {}, // tests
			"github.com/riverqueue/river/riverdriver/riverpgxv5": {}, // tests
			"go.opentelemetry.io/otel":                           {}, // tests
			"go.opentelemetry.io/otel/sdk":                       {}, // tests
			"golang.org/x/crypto":                                {}, // tests
		},
	})
}
