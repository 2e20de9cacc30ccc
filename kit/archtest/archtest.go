package archtest

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// Rules are the import rules of a module. A package is named by its folder in the module, such as internal/domain, a
// package of a neighbor by the neighbor's name and the folder in it, such as kit/auth.
type Rules struct {
	// Dir is the folder of the module.
	Dir string
	// Neighbors are the other modules of the same repository: their names in these rules, and their module paths.
	Neighbors map[string]string
	// MayImport lists, for every package of the module, the packages of the module and its neighbors that it may import.
	MayImport map[string][]string
	// MayUse lists, for every module of others, the packages that may import it.
	MayUse map[string][]string
	// Isolated lists what packages must not link.
	Isolated []Isolation
	// Stateless forbids code that changes variables of its package.
	Stateless bool
}

// Isolation says that each of Packages links none of Never, even indirectly. Packages of other modules and of the standard
// library are named by their import path. A name in Never may end in /..., for a folder and all below. Except lists packages that
// may be linked although Never covers them.
type Isolation struct{ Packages, Never, Except []string }

// Check reports every violation of the rules as an error of the test. Test files may import all packages of the module
// and its neighbors, and all modules that MayUse lists.
func Check(t *testing.T, rules Rules) {
	t.Helper()
	complaints, err := rules.check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}

// checker applies the rules to a module.
type checker struct {
	Rules

	goMod      goMod
	modules    map[string]string // Neighbors, and the module itself as ""
	packages   map[string]bool
	complaints []string
}

// importsOf judges the imports of one file.
func (c *checker) importsOf(file sourceFile) {
	for _, imported := range file.imports {
		if complaint := c.judge(file, imported); complaint != "" {
			c.complain(file.name + " imports " + imported + ": " + complaint)
		}
	}
}

// judge returns what is wrong with an import, or "".
func (c *checker) judge(file sourceFile, imported string) string {
	pkg := path.Dir(file.name)
	if ours, ok := c.nameOf(imported); ok {
		if file.isTest || slices.Contains(c.MayImport[pkg], ours) {
			return ""
		}
		return pkg + " may import only " + list(c.MayImport[pkg]) + ". Move the code to where the import is allowed; " +
			"to change the rule, edit MayImport and give the reason in an ADR"
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	users, listed := c.MayUse[c.moduleOf(imported)]
	switch {
	case !listed:
		return "MayUse does not list its module. If no module in use serves, add it with the packages that may use it"
	case file.isTest || slices.Contains(users, pkg):
		return ""
	}
	return "only " + list(users) + " may use this module. Call that package, or edit MayUse"
}

// nameOf returns the name that the rules have for a package of the module or its neighbors. One module may lie below
// another.
func (c *checker) nameOf(imported string) (name string, ok bool) {
	module := ""
	for neighbor, candidate := range c.modules {
		if folder, ok := folderIn(candidate, imported); ok && len(candidate) > len(module) {
			module, name = candidate, path.Join(neighbor, folder)
		}
	}
	return name, module != ""
}

func folderIn(module, imported string) (folder string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// moduleOf returns the module of MayUse that a package belongs to, or "".
func (c *checker) moduleOf(imported string) string {
	for ; imported != "."; imported = path.Dir(imported) {
		if _, listed := c.MayUse[imported]; listed {
			return imported
		}
	}
	return ""
}

// tables compares the tables with the packages and requirements that exist.
func (c *checker) tables() {
	for _, pkg := range slices.Sorted(maps.Keys(c.MayImport)) {
		if !c.packages[pkg] {
			c.complain("MayImport lists " + pkg + ", which does not exist: remove it")
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(c.packages)) {
		if _, listed := c.MayImport[pkg]; !listed {
			c.complain("MayImport does not list " + pkg + ": add it with the packages that it may import")
		}
	}
	for _, used := range slices.Sorted(maps.Keys(c.MayUse)) {
		if !c.goMod.requires(used) {
			c.complain("MayUse lists " + used + ", which go.mod does not require: remove it")
		}
		for _, pkg := range c.MayUse[used] {
			if !c.packages[pkg] {
				c.complain("MayUse lists " + pkg + ", which does not exist, for " + used + ": remove it")
			}
		}
	}
}

// links judges what a package links.
func (c *checker) links(pkg string, linked map[string][]string, isolation Isolation) {
	for _, name := range isolation.Never {
		name = c.importPath(name)
		for _, path := range slices.Sorted(maps.Keys(linked)) {
			isAllowed := slices.ContainsFunc(isolation.Except, func(name string) bool { return c.importPath(name) == path })
			if matches(name, path) && !isAllowed {
				c.complain(pkg + " links " + path + ". Its importers: " + list(importers(linked, path)))
			}
		}
	}
}

// importPath is the reverse of nameOf. Names of other packages are import paths already.
func (c *checker) importPath(name string) string {
	first, rest, _ := strings.Cut(name, "/")
	if module, ok := c.modules[first]; ok {
		return path.Join(module, rest)
	}
	for pkg := range c.packages {
		if matches(name, pkg) {
			return path.Join(c.modules[""], name)
		}
	}
	return name
}

func matches(name, pkg string) bool {
	folder, all := strings.CutSuffix(name, "/...")
	return pkg == folder || all && strings.HasPrefix(pkg, folder+"/")
}

// importers returns the packages that import pkg, sorted.
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

func (c *checker) complain(complaint string) { c.complaints = append(c.complaints, complaint) }

func list(names []string) string {
	if len(names) == 0 {
		return "none of them"
	}
	return strings.Join(names, ", ")
}
