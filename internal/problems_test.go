package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"example.com/plinth/gen/apicontract"
)

// The domain declares its codes and roles itself, because it imports no generated code.

func TestDomainCodesAreInTheContract(t *testing.T) {
	t.Parallel()
	problems, codes := apicontract.Problems(), domainConstants(t, "Code")
	for _, code := range codes {
		if _, declared := problems[code]; !declared {
			t.Errorf("the domain has the code %s: add it to x-problems in api/openapi.yaml and run make generate", code)
		}
	}
	if len(codes) < 10 {
		t.Errorf("found only the codes %q", codes)
	}
}

func TestDomainRolesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	if roles := domainConstants(t, "Role"); !slices.Equal(roles, apicontract.Roles()) {
		t.Errorf("the domain has the roles %q, x-roles in api/openapi.yaml has %q: use the same, in the same order", roles, apicontract.Roles())
	}
}

// domainConstants returns the values of the constants of a type.
func domainConstants(t *testing.T, typeName string) []string {
	t.Helper()
	files, err := filepath.Glob("domain/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, isNamed := spec.Type.(*ast.Ident)
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			if isNamed && isLiteral && kind.Name == typeName {
				value, _ := strconv.Unquote(literal.Value)
				values = append(values, value)
			}
			return true
		})
	}
	return values
}
