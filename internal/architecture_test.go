// Package internal_test checks which packages may import which, what a release may link, and that PostgreSQL accepts every
// query.
package internal_test

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "example.com/plinth"
	root   = ".." // of the repository, from this folder
)

// mayImport says which packages of ours a package may import. Arrows point at domain; httpapi and pgstore never see each
// other; generated code stops at its adapter. Tests of a package may import any package: the rule is about what runs.
var mayImport = map[string][]string{
	"api":               {"kit/apispec"},
	"api/cmd/published": {"api", "kit/apispec"},
	"db":                {},

	"gen/api":          {},
	"gen/apiclient":    {},
	"gen/shop":         {},
	"gen/shopclient":   {},
	"gen/shapesclient": {},
	"gen/dbsqlc":       {"internal/domain", "kit/exact"}, // types of columns
	"gen/typesql":      {"kit/exact"},                    // for a test

	"internal/config": {},
	"internal/domain": {"kit/auth", "kit/gcra", "kit/idgen", "kit/paging"},
	"internal/httpapi": {
		"api", "gen/api", "kit/apidocs", "kit/apispec", "kit/auth", "internal/domain", "kit/formats", "kit/idgen", "kit/paging", "kit/problem",
		"kit/ratelimit", "kit/telemetry",
	},
	"internal/pgstore": {"db", "gen/dbsqlc", "internal/domain", "kit/paging"},
	"internal/app": { // everything that a server is made of
		"kit/auth", "internal/config", "kit/connlimit", "internal/domain", "kit/gcra", "kit/headguard", "kit/idgen", "internal/httpapi",
		"internal/pgstore", "kit/ratelimit", "kit/telemetry",
	},

	// What programs of others import.
	"clients/go": {"gen/apiclient"},

	"cmd/admin":   {"internal/app", "kit/auth", "kit/idgen", "internal/config", "internal/domain", "internal/pgstore"},
	"cmd/dev":     {"internal/app", "internal/config", "kit/devdb", "internal/pgstore", "kit/telemetry"},
	"cmd/migrate": {"internal/config", "internal/pgstore"},
	"cmd/server":  {"internal/app", "internal/config"},

	// For laptops and tests.
	"internal/pgtest": {
		"db", "internal/domain", "internal/pgstore", "kit/auth", "kit/idgen", "kit/testdb",
	},
	"internal/shoptest": {"gen/api", "gen/shop", "internal/domain", "internal/httpapi"}, // a second contract
	"internal/shoptest/cmd/shop": {
		"internal/app", "internal/config", "internal/domain", "internal/pgstore", "internal/shoptest", "kit/telemetry",
	},
	"internal/contracttest":              {"api", "kit/formats"},
	"internal/contracttest/cmd/coverage": {"internal/contracttest"},
}

// mayUse says which packages may import a module of others. A new dependency is a decision: it is listed here with those
// who speak it, so that it can be replaced there. Tests may use any module of the list.
var mayUse = map[string][]string{
	"github.com/VictoriaMetrics/metricsql":              {}, // tests
	"github.com/alicebob/miniredis/v2":                  {}, // tests
	"github.com/exaring/otelpgx":                        {"internal/pgstore"},
	"github.com/fergusstrange/embedded-postgres":        {"kit/devdb"},
	"github.com/getkin/kin-openapi":                     {"gen/api", "internal/contracttest", "internal/httpapi"},
	"github.com/getsentry/sentry-go":                    {"kit/telemetry"},
	"github.com/go-json-experiment/json":                {"kit/apispec", "kit/auth", "internal/contracttest", "internal/httpapi"},
	"github.com/golang-jwt/jwt/v5":                      {"kit/auth"},
	"github.com/golang-migrate/migrate/v4":              {"internal/pgstore"},
	"github.com/google/go-cmp":                          {}, // tests
	"github.com/google/uuid":                            {"gen/dbsqlc", "gen/typesql"},
	"github.com/hashicorp/golang-lru/v2":                {"kit/auth", "kit/ratelimit"},
	"github.com/jackc/pgerrcode":                        {"internal/pgstore"},
	"github.com/jackc/pgx/v5":                           {"gen/dbsqlc", "gen/typesql", "kit/devdb", "kit/testdb", "internal/pgstore", "internal/pgtest"},
	"github.com/jackc/puddle/v2":                        {"internal/pgstore"}, // the error of a closed pool
	"github.com/joho/godotenv":                          {"internal/config"},
	"github.com/kelseyhightower/envconfig":              {"internal/config"},
	"github.com/labstack/echo/v4":                       {"gen/api", "gen/shop", "internal/httpapi"},
	"github.com/oapi-codegen/nullable":                  {"gen/api", "gen/apiclient", "gen/shapesclient", "internal/httpapi"},
	"github.com/oapi-codegen/runtime":                   {"gen/api", "gen/apiclient", "gen/shapesclient", "gen/shop", "gen/shopclient", "internal/contracttest", "internal/httpapi", "internal/shoptest", "kit/apispec"},
	"github.com/oasdiff/yaml":                           {}, // tests
	"github.com/oasdiff/yaml3":                          {"kit/apispec"},
	"github.com/oklog/ulid/v2":                          {"kit/idgen"},
	"github.com/prometheus/client_golang":               {"kit/telemetry"},
	"github.com/redis/go-redis/extra/redisotel/v9":      {"kit/ratelimit"},
	"github.com/redis/go-redis/v9":                      {"kit/ratelimit"},
	"github.com/swaggest/swgui":                         {"kit/apidocs"},
	"go.opentelemetry.io/otel":                          {"kit/telemetry"},
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace": {"kit/telemetry"},
	"go.opentelemetry.io/otel/sdk":                      {"kit/telemetry"},
	"go.opentelemetry.io/otel/trace":                    {"internal/pgstore", "kit/ratelimit", "kit/telemetry"},
	"go.opentelemetry.io/proto/otlp":                    {"kit/otlptest", "kit/telemetry"},
	"golang.org/x/crypto":                               {"kit/auth"},
	"golang.org/x/sync":                                 {"clients/go", "internal/app", "kit/auth", "internal/httpapi"},
	"google.golang.org/protobuf":                        {"kit/otlptest", "kit/telemetry"},
	"golang.org/x/text":                                 {"kit/auth"},
}

// neverReleased are packages, of ours and of others, that no program of a release may hold, however they got there.
var neverReleased = []string{
	"testing",
	module + "/gen/apiclient",
	module + "/internal/contracttest",
	module + "/kit/devdb",
	module + "/kit/otlptest",
	module + "/kit/testdb",
	module + "/internal/pgtest",
	module + "/gen/shop",
	module + "/gen/shapesclient",
	module + "/gen/shopclient",
	module + "/gen/typesql",
	module + "/internal/shoptest",
	"github.com/fergusstrange/embedded-postgres",
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for file := range goFiles(t) {
		pkg := path.Dir(file)
		isTest := strings.HasSuffix(file, "_test.go")
		if !isTest {
			seen[pkg] = true
		}
		for _, imported := range imports(t, file) {
			if complaint := judge(pkg, imported, isTest); complaint != "" {
				t.Errorf("%s imports %s: %s", file, imported, complaint)
			}
		}
	}
	for pkg := range mayImport {
		if !seen[pkg] {
			t.Errorf("mayImport lists %s, which does not exist: remove it from internal/architecture_test.go", pkg)
		}
	}
	for pkg := range seen {
		if _, listed := mayImport[pkg]; !listed {
			t.Errorf("package %s is not in the table: decide where it belongs, and add it to mayImport in "+
				"internal/architecture_test.go with the packages that it may import", pkg)
		}
	}
}

// judge says what is wrong with an import, or nothing.
func judge(pkg, imported string, isTest bool) string {
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		if isTest || slices.Contains(mayImport[pkg], ours) {
			return ""
		}
		return pkg + " may import only " + list(mayImport[pkg]) + " of ours. Move the code to where the import is " +
			"allowed; if the rule itself should change, change mayImport and say why in docs/adr/"
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	users, listed := mayUse[moduleOf(imported)]
	switch {
	case !listed:
		return "its module is not in the table. If nothing that is there already serves, add it to mayUse in " +
			"internal/architecture_test.go with the packages that may use it"
	case isTest || slices.Contains(users, pkg):
		return ""
	}
	return "only " + list(users) + " may use this module. Ask that package for what is needed, or change mayUse"
}

// moduleOf returns the module of the table that an import path belongs to.
func moduleOf(imported string) string {
	for ; imported != "."; imported = path.Dir(imported) {
		if _, listed := mayUse[imported]; listed {
			return imported
		}
	}
	return ""
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func TestModulesOfTheTableAreRequired(t *testing.T) {
	t.Parallel()
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, used := range slices.Sorted(maps.Keys(mayUse)) {
		if !strings.Contains(string(goMod), used+" v") {
			t.Errorf("mayUse lists %s, which go.mod does not require: remove it", used)
		}
	}
}

func TestReleasesHoldNothingForTestsOrLaptops(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"cmd/admin", "cmd/migrate", "cmd/server"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			linked := dependencies(t, program)
			if _, found := linked[module+"/internal/config"]; !found {
				t.Fatalf("go list names %d packages, but not internal/config, which every program links", len(linked))
			}
			for _, pkg := range neverReleased {
				if _, found := linked[pkg]; found {
					t.Errorf("%s links %s. Its importers: %s", program, pkg, list(importers(linked, pkg)))
				}
			}
		})
	}
}

// TestTheClientLinksNothingOfTheServer keeps what other people's programs import small.
func TestTheClientLinksNothingOfTheServer(t *testing.T) {
	t.Parallel()
	linked := dependencies(t, "clients/go")
	if _, found := linked[module+"/gen/apiclient"]; !found {
		t.Fatalf("go list names %d packages, but not the generated client", len(linked))
	}
	for pkg := range linked {
		ours := strings.HasPrefix(pkg, module+"/") && pkg != module+"/gen/apiclient" && pkg != module+"/clients/go"
		servers := slices.ContainsFunc([]string{"github.com/labstack/", "github.com/jackc/", "github.com/getkin/"}, func(prefix string) bool {
			return strings.HasPrefix(pkg, prefix)
		})
		if ours || servers {
			t.Errorf("clients/go links %s. Its importers: %s", pkg, list(importers(linked, pkg)))
		}
	}
}

// goFiles yields the Go files of this module, generated files included, relative to the root and with slashes.
func goFiles(t *testing.T) iter.Seq[string] {
	t.Helper()
	return func(yield func(string) bool) {
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			relative := filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
			switch {
			case err != nil:
				return err
			case entry.IsDir() && file != root && (!isPackage(entry.Name()) || isModule(file)):
				return filepath.SkipDir
			case !entry.IsDir() && path.Ext(relative) == ".go" && !yield(relative):
				return filepath.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// isPackage reports whether the go command looks into folders of this name; nor do we into what others installed.
func isPackage(folder string) bool {
	return folder != "testdata" && folder != "node_modules" && folder[0] != '.' && folder[0] != '_'
}

func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// imports reads what a file imports, whatever system its build constraints are for.
func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	paths := make([]string, len(parsed.Imports))
	for i, spec := range parsed.Imports {
		if paths[i], err = strconv.Unquote(spec.Path.Value); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// dependencies returns all packages that a program links, each with those that it imports.
func dependencies(t *testing.T, program string) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", "./"+program)
	cmd.Dir = root
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, complaints.String())
	}
	linked := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			ImportPath string   `json:"ImportPath"`
			Imports    []string `json:"Imports"`
		}
		err := decoder.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return linked
		}
		if err != nil {
			t.Fatal(err)
		}
		linked[pkg.ImportPath] = pkg.Imports
	}
}

func importers(linked map[string][]string, pkg string) []string {
	var found []string
	for importer, imported := range linked {
		if slices.Contains(imported, pkg) {
			found = append(found, importer)
		}
	}
	slices.Sort(found)
	return found
}
