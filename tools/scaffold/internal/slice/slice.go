// Package slice divides the project into parts that a copy may lack, such as the TypeScript client, and removes them
// from shared files.
//
// A slice owns folders and files, and marked regions of shared files; see [Strip]. It must not know how files are
// listed, renamed or written.
package slice

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Slice is a part of the project that works without being there.
type Slice struct {
	Name  string
	Title string   // for people
	Paths []string // slash-separated files and folders that belong to it alone
	Needs []string // slices that it does not work without
	// Generated says that the contract or the schema has parts of it, so that gen/ has to be generated anew without it.
	Generated bool
}

// All returns the slices in alphabetical order.
func All() []Slice { return slices.Clone(table) }

// Choice is a set of slices that a copy has. The zero value has all of them.
type Choice struct{ without map[string]bool }

// AllSlices is the name that stands for all slices in [Without].
const AllSlices = "all"

// Without returns the choice that lacks the named slices, "all" for all of them, and those that need one of them. It
// fails if a name is unknown.
func Without(names ...string) (Choice, error) {
	choice := Choice{without: map[string]bool{}}
	for _, name := range names {
		switch {
		case name == AllSlices:
			for _, s := range table {
				choice.without[s.Name] = true
			}
		case !exists(name):
			return Choice{}, fmt.Errorf("there is no slice %q: choose from %s, or %s", name, strings.Join(Names(), ", "), AllSlices)
		default:
			choice.without[name] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for _, s := range table {
			if !choice.without[s.Name] && slices.ContainsFunc(s.Needs, func(need string) bool { return choice.without[need] }) {
				choice.without[s.Name], changed = true, true
			}
		}
	}
	return choice, nil
}

// With returns the choice that also has the named slices, and those that they need. It fails if a name is unknown.
func (c Choice) With(names ...string) (Choice, error) {
	without := maps.Clone(c.without)
	for len(names) > 0 {
		name := names[0]
		if !exists(name) {
			return Choice{}, fmt.Errorf("there is no slice %q: choose from %s", name, strings.Join(Names(), ", "))
		}
		delete(without, name)
		names = append(names[1:], table[index(name)].Needs...)
	}
	return Choice{without: without}, nil
}

// Has reports whether the choice has the slice.
func (c Choice) Has(name string) bool { return !c.without[name] }

// Left returns the slices that the choice lacks, in alphabetical order.
func (c Choice) Left() []Slice {
	return slices.DeleteFunc(All(), func(s Slice) bool { return c.Has(s.Name) })
}

// NeedsGenerate reports whether gen/ of the project is another one with this choice.
func (c Choice) NeedsGenerate() bool {
	return slices.ContainsFunc(c.Left(), func(s Slice) bool { return s.Generated })
}

// Owners returns the slices that a file belongs to, by its slash-separated path; none if it is shared. The page of the web
// app for the audit log belongs to two: it is there if both are.
func Owners(file string) []string {
	var owners []string
	for _, s := range table {
		if slices.ContainsFunc(s.Paths, func(owned string) bool { return file == owned || strings.HasPrefix(file, owned+"/") }) {
			owners = append(owners, s.Name)
		}
	}
	return owners
}

// HasFile reports whether the choice has the slices that a file belongs to.
func (c Choice) HasFile(file string) bool {
	return !slices.ContainsFunc(Owners(file), func(name string) bool { return !c.Has(name) })
}

// Names returns the names of all slices, in alphabetical order.
func Names() []string {
	names := make([]string, len(table))
	for i, s := range table {
		names[i] = s.Name
	}
	return names
}

func exists(name string) bool { return index(name) >= 0 }

func index(name string) int {
	return slices.IndexFunc(table, func(s Slice) bool { return s.Name == name })
}
