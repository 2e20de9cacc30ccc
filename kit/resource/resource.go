package resource

import (
	"slices"
	"strings"
)

// Owner says whose a resource is.
type Owner string

// The owners.
const (
	OwnerUser Owner = "user" // each row is of an account; no other account sees it
	OwnerNone Owner = "none" // rows are of no account
)

// Resource is what the templates need to know.
type Resource struct {
	Noun

	Module string // path of the module of the service
	Owner  Owner
	Admin  bool // only administrators may read; without an owner only they may write anyway
	Fields []Field
}

// IsOwned reports whether each row is of an account.
func (r *Resource) IsOwned() bool { return r.Owner == OwnerUser }

// ReadRole and WriteRole return the roles of the operations.
func (r *Resource) ReadRole() string {
	if r.Admin {
		return "admin"
	}
	return "user"
}

// WriteRole is the role of operations that change a row.
func (r *Resource) WriteRole() string {
	if r.IsOwned() && !r.Admin {
		return "user"
	}
	return "admin"
}

// Filters returns the fields by which the list can be filtered.
func (r *Resource) Filters() []Field { return r.where(Field.IsFilter) }

// Enums returns the fields with values of their own.
func (r *Resource) Enums() []Field { return r.where(Field.IsEnum) }

// Refs returns the fields that refer to users.
func (r *Resource) Refs() []Field { return r.where(Field.IsRef) }

// Unique returns the fields whose values occur once.
func (r *Resource) Unique() []Field { return r.where(func(f Field) bool { return f.Unique }) }

// Shared returns the fields whose schema is a component.
func (r *Resource) Shared() []Field { return r.where(Field.IsShared) }

// Nullable returns the fields that can be null.
func (r *Resource) Nullable() []Field { return r.where(func(f Field) bool { return f.Nullable }) }

// Required returns the fields that a new resource must have.
func (r *Resource) Required() []Field { return r.where(Field.IsRequired) }

// Optional returns the others.
func (r *Resource) Optional() []Field {
	return r.where(func(f Field) bool { return !f.IsRequired() })
}

// Converted returns the nullable fields that need a conversion in a change.
func (r *Resource) Converted() []Field {
	return r.where(func(f Field) bool { return f.Nullable && !f.IsPlain() })
}

func (r *Resource) where(is func(Field) bool) []Field {
	return slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool { return !is(f) })
}

// Has reports whether a field is of one of the kinds.
func (r *Resource) Has(kinds ...string) bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool { return slices.Contains(kinds, f.Kind) })
}

// IsAbsentComplete reports whether a resource can be created without any field.
func (r *Resource) IsAbsentComplete() bool { return len(r.Required()) == 0 }

// cursorBytes is the size of a cursor in bytes, without the text of the position: the name of the
// order, the id and separators.
const cursorBytes = 120

// maxSortable is the greatest length of texts by which a list can be sorted: they are in cursors of at
// most 2,048 characters, and in keys of an index.
const maxSortable = (2048*3/4 - cursorBytes) / 4

// SortField returns the text by which the list can be sorted, besides created_at; nil if there is none.
func (r *Resource) SortField() *Field {
	for i, f := range r.Fields {
		sortable := f.Kind == kindString && f.Max <= maxSortable || f.Kind == kindEmail
		if sortable && !f.Nullable {
			return &r.Fields[i]
		}
	}
	return nil
}

// Sort returns the name of the other order: the field, or updated_at.
func (r *Resource) Sort() string {
	if f := r.SortField(); f != nil {
		return f.Name
	}
	return "updated_at"
}

// SortType returns the name of the other order in Go.
func (r *Resource) SortType() string { return columnName(r.Sort()) }

// DomainImports returns the imports of the types of the fields in the domain; time is always there.
func (r *Resource) DomainImports() []string {
	var all []string
	for _, f := range r.Fields {
		if path := f.kind().imports; path != "" && path != "time" && !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// IsExact reports whether the handlers convert decimals.
func (r *Resource) IsExact() bool { return r.Has(kindDecimal) }

// UsesNullable reports whether tests send null.
func (r *Resource) UsesNullable() bool { return len(r.Nullable()) > 0 }

// UsesDates reports whether handlers convert dates.
func (r *Resource) UsesDates() bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Kind == "date" && !f.Nullable })
}

// RandomText and RandomNumber report whether tests draw unique values.
func (r *Resource) RandomText() bool {
	return slices.ContainsFunc(r.Unique(), func(f Field) bool { return f.Kind == kindString || f.Kind == kindURL })
}

// RandomNumber reports whether tests draw unique integers.
func (r *Resource) RandomNumber() bool {
	return slices.ContainsFunc(r.Unique(), func(f Field) bool { return strings.HasPrefix(f.Kind, "int") })
}

// Indexes returns the indexes of the list: one for each order, and for each order of each filter. A
// page of rows with a rare value would read all rows of the other order.
func (r *Resource) Indexes() []Index {
	var owner []string
	prefix := r.Plural + "_"
	if r.IsOwned() {
		owner, prefix = []string{"user_id"}, prefix+"user_id_"
	}
	orders := []string{"created_at", r.Sort()}
	var all []Index
	for _, order := range orders {
		all = append(all, newIndex(prefix+order, owner, []string{order, "id"}))
	}
	for _, f := range r.Filters() {
		before := slices.Concat(owner, []string{f.Name})
		if f.IsRef() { // first, because deleting a user looks for it
			before = slices.Concat([]string{f.Name}, owner)
		}
		for _, order := range orders {
			all = append(all, newIndex(r.Plural+"_"+f.Name+"_"+order, before, []string{order, "id"}))
		}
	}
	return all
}

func newIndex(name string, columns ...[]string) Index {
	return Index{name + "_idx", strings.Join(slices.Concat(columns...), ", ")}
}

// Index is an index of the table.
type Index struct{ Name, Columns string }
