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
	problems, codes := apicontract.Problems(), append(domainConstants(t, "Code"), domainErrors(t)...)
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
func domainConstants(t *testing.T, typeName string) (values []string) {
	t.Helper()
	inspectDomain(t, func(node ast.Node) {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == typeName {
			values = appendLiteral(values, spec.Values[0])
		}
	})
	return values
}

// domainErrors returns the codes of the Errors that have a literal as their Code.
func domainErrors(t *testing.T) (codes []string) {
	t.Helper()
	inspectDomain(t, func(node ast.Node) {
		composite, ok := node.(*ast.CompositeLit)
		if !ok {
			return
		}
		if kind, ok := composite.Type.(*ast.Ident); !ok || kind.Name != "Error" {
			return
		}
		for _, element := range composite.Elts {
			member, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if name, ok := member.Key.(*ast.Ident); ok && name.Name == "Code" {
				codes = appendLiteral(codes, member.Value)
			}
		}
	})
	return codes
}

// appendLiteral appends the value of a string literal, and nothing for other expressions.
func appendLiteral(values []string, expression ast.Expr) []string {
	if literal, ok := expression.(*ast.BasicLit); ok {
		if value, err := strconv.Unquote(literal.Value); err == nil {
			return append(values, value)
		}
	}
	return values
}

// inspectDomain visits all nodes of the package domain.
func inspectDomain(t *testing.T, visit func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob("domain/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			visit(node)
			return true
		})
	}
}
