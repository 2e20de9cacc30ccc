package resource

import (
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"slices"
	"strings"

	"example.com/plinth/kit/internal/yamldoc"
)

// checkProject returns an error for each name that the project uses already.
func (r *Resource) checkProject(project fs.FS, options Options) error {
	if there := r.existingFiles(project); len(there) > 0 {
		return fmt.Errorf("%s are there already, in %s: use another NAME or PLURAL", r.ManyWords(), strings.Join(there, ", "))
	}
	var problems []error
	taken := func(what, where string) {
		problems = append(problems, fmt.Errorf("%s is in %s already: use another NAME or PLURAL", what, where))
	}
	for dir, wanted := range r.declarations() {
		existing, err := declared(project, dir)
		if err != nil {
			return err
		}
		for _, name := range wanted {
			if file := existing[name]; file != "" {
				taken("the name "+name, file)
			}
		}
	}
	if options.KeepContract {
		return firstOf(problems)
	}
	text, err := fs.ReadFile(project, "api/openapi.yaml")
	if err != nil {
		return err
	}
	doc, err := yamldoc.Parse(text)
	if err != nil {
		return err
	}
	for _, name := range r.contractConflicts(doc) {
		taken(name, "api/openapi.yaml")
	}
	return firstOf(problems)
}

// firstOf joins the first errors: the others have the same cause.
func firstOf(problems []error) error {
	const most = 3
	if more := len(problems) - most; more > 0 {
		problems = append(problems[:most:most], fmt.Errorf("and %d more names", more))
	}
	return errors.Join(problems...)
}

// existingFiles returns the files of the resource that are there.
func (r *Resource) existingFiles(project fs.FS) (there []string) {
	for _, file := range []string{
		"db/queries/" + r.Plural + ".sql", "internal/domain/" + r.Plural + ".go", "internal/pgstore/" + r.Plural + ".go",
		"internal/httpapi/" + r.Plural + ".go", "internal/httpapi/" + r.Plural + "_test.go",
	} {
		if _, err := fs.Stat(project, file); err == nil {
			there = append(there, file)
		}
	}
	migrations, _ := fs.Glob(project, "db/migrations/*_create_"+r.Plural+".up.sql") // a valid pattern
	return append(there, migrations...)
}

// declarations are the names that the new files declare, by folder.
func (r *Resource) declarations() map[string][]string {
	one, many := r.Type(), r.Types()
	domain := []string{
		one, "New" + one, one + "Update", one + "Store", one + "Service", "New" + one + "Service", one + "Change", one + "Sort", one + "Query",
		many, "Err" + one + "NotFound", many + "ByCreatedAt",
	}
	for _, verb := range []string{"Create", "Get", "Lock", "Update", "Delete"} {
		domain = append(domain, verb+one)
	}
	for _, f := range r.Enums() {
		domain = append(domain, f.Schema())
	}
	methods := []string{"Create" + one, "Get" + one, "List" + many, "Update" + one, "Delete" + one}
	return map[string][]string{
		"internal/domain":  append(domain, "List"+many),
		"internal/pgstore": append([]string{r.Var() + "Failures", "to" + one, "Lock" + one, r.Vars() + "ByCreatedAt"}, methods...),
		"internal/httpapi": append([]string{
			"to" + one, "to" + one + "Change", "to" + one + "Query", r.Var() + "Order", r.Var() + "Fixture", r.Var() + "Row", "new" + one, "create" + one,
		}, methods...),
	}
}

// declared returns the names that the files of a folder declare, methods and members of interfaces
// included, with their files.
func declared(project fs.FS, dir string) (map[string]string, error) {
	files, err := fs.Glob(project, dir+"/*.go")
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, file := range files {
		text, err := fs.ReadFile(project, file)
		if err != nil {
			return nil, err
		}
		parsed, err := parseGo(file, text)
		if err != nil {
			return nil, err
		}
		for _, declaration := range parsed.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				names[declaration.Name.Name] = file
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					for _, name := range specNames(spec) {
						names[name] = file
					}
				}
			}
		}
	}
	return names, nil
}

func specNames(spec ast.Spec) (names []string) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			names = append(names, name.Name)
		}
	case *ast.TypeSpec:
		names = append(names, spec.Name.Name)
		if store, ok := spec.Type.(*ast.InterfaceType); ok {
			for _, method := range store.Methods.List {
				for _, name := range method.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// contractConflicts returns what the contract has already.
func (r *Resource) contractConflicts(doc yamldoc.Document) (conflicts []string) {
	has := func(what string, path ...string) {
		if doc.At(path...) != yamldoc.Missing {
			conflicts = append(conflicts, what+" "+path[len(path)-1])
		}
	}
	for _, tag := range doc.At("tags").Content {
		if doc.Child(tag, "name").Value == r.Slug() {
			conflicts = append(conflicts, "the tag "+r.Slug())
		}
	}
	has("the path", "paths", "/api/v1/"+r.Slug())
	has("the path", "paths", "/api/v1/"+r.Slug()+"/{id}")
	has("the problem code", "x-problems", r.Singular+"_not_found")
	has("the parameter", "components", "parameters", r.Type()+"ID")
	schemas := []string{r.Type(), r.Type() + "List", "Create" + r.Type() + "Request", "Update" + r.Type() + "Request"}
	for _, f := range r.Shared() {
		schemas = append(schemas, f.Schema())
	}
	for _, f := range r.Unique() {
		has("the problem code", "x-problems", f.TakenCode())
	}
	slices.Sort(schemas)
	for i, schema := range schemas {
		has("the schema", "components", "schemas", schema)
		if i > 0 && schema == schemas[i-1] {
			conflicts = append(conflicts, "the schema "+schema)
		}
	}
	for _, example := range []string{"Create" + r.Type(), r.Type(), r.Type() + "Page", "Change" + r.Type()} {
		has("the example", "components", "examples", example)
	}
	// Generated types have the names of problems and responses, too.
	for _, component := range []string{"responses", "headers"} {
		for name := range yamldoc.Members(doc.At("components", component)) {
			if strings.EqualFold(name, r.Type()) {
				conflicts = append(conflicts, "the component "+path.Join(component, name))
			}
		}
	}
	return conflicts
}
