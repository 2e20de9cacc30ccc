package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	"example.com/plinth/gen/apicontract"
)

// TestDomainCodesAreInTheContract compares the codes, which the domain declares because it imports no generated code.
func TestDomainCodesAreInTheContract(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("domain/*.go")
	if err != nil {
		t.Fatal(err)
	}
	problems, found := apicontract.Problems(), 0
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
			text, isLiteral := spec.Values[0].(*ast.BasicLit)
			if !isNamed || kind.Name != "Code" || !isLiteral {
				return true
			}
			found++
			code, _ := strconv.Unquote(text.Value)
			if _, declared := problems[code]; !declared {
				t.Errorf("%s: %s is %q: add this code to x-problems in api/openapi.yaml and run make generate", name, spec.Names[0], code)
			}
			return true
		})
	}
	if found < 10 {
		t.Errorf("found only %d codes", found)
	}
}
