package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
)

// state returns where the module in dir changes variables of a package: they are state that all users of the package share.
// Tests may.
func state(dir string, files []sourceFile) (complaints []string, err error) {
	packages := map[string][]*ast.File{}
	set := token.NewFileSet()
	for _, file := range files {
		if file.isTest {
			continue
		}
		parsed, err := parser.ParseFile(set, filepath.Join(dir, filepath.FromSlash(file.name)), nil, 0)
		if err != nil {
			return nil, err
		}
		packages[path.Dir(file.name)] = append(packages[path.Dir(file.name)], parsed)
	}
	for _, pkg := range slices.Sorted(maps.Keys(packages)) {
		variables := packageVariables(packages[pkg])
		for _, file := range packages[pkg] {
			for _, changed := range changes(file) {
				// An identifier of a local variable is resolved to its declaration.
				if variables[changed.Name] && (changed.Obj == nil || file.Scope.Lookup(changed.Name) == changed.Obj) {
					name := filepath.Base(set.Position(changed.Pos()).Filename)
					complaints = append(complaints, path.Join(pkg, name)+" changes the package variable "+changed.Name+
						": make it a field of a type")
				}
			}
		}
	}
	return complaints, nil
}

// packageVariables returns the names of the variables that a package declares.
func packageVariables(files []*ast.File) map[string]bool {
	variables := map[string]bool{}
	for _, file := range files {
		for name, object := range file.Scope.Objects {
			if object.Kind == ast.Var {
				variables[name] = true
			}
		}
	}
	return variables
}

// changes returns the identifiers that the functions of a file assign to: themselves, their elements or their fields.
func changes(file *ast.File) (changed []*ast.Ident) {
	add := func(targets ...ast.Expr) {
		for _, target := range targets {
			if identifier := rootOf(target); identifier != nil {
				changed = append(changed, identifier)
			}
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			if node.Tok != token.DEFINE {
				add(node.Lhs...)
			}
		case *ast.IncDecStmt:
			add(node.X)
		case *ast.CallExpr:
			if function, ok := node.Fun.(*ast.Ident); ok && (function.Name == "delete" || function.Name == "clear") && len(node.Args) > 0 {
				add(node.Args[0])
			}
		}
		return true
	})
	return changed
}

// rootOf returns the variable whose element or field an expression is.
func rootOf(expression ast.Expr) *ast.Ident {
	for {
		switch e := expression.(type) {
		case *ast.Ident:
			return e
		case *ast.IndexExpr:
			expression = e.X
		case *ast.SelectorExpr:
			expression = e.X
		case *ast.StarExpr:
			expression = e.X
		case *ast.ParenExpr:
			expression = e.X
		default:
			return nil
		}
	}
}
