package resource

import (
	"fmt"
	"strings"

	"example.com/plinth/kit/internal/goname"
)

// What the templates write in several places.

// NotFound is the text of the error.
func (r *Resource) NotFound() string {
	if r.IsOwned() {
		return "You have no such " + r.Words() + "."
	}
	return "There is no such " + r.Words() + "."
}

// AOfActor is a row in comments.
func (r *Resource) AOfActor() string {
	if r.IsOwned() {
		return "one of the actor's " + r.ManyWords()
	}
	return r.A()
}

// Guarded is the sentence about the role of changes, in comments.
func (r *Resource) Guarded() string {
	if r.WriteRole() == "admin" {
		return "is for admins and "
	}
	return ""
}

func (r *Resource) fieldFailures() []string {
	var all []string
	for _, f := range r.Unique() {
		all = append(all, "Err"+f.Schema()+"Taken")
	}
	for _, f := range r.Refs() {
		all = append(all, "Err"+f.RefType()+"NotFound")
	}
	return all
}

// CreateFailures are the errors of the store, in comments.
func (r *Resource) CreateFailures() string {
	all := r.fieldFailures()
	if r.IsOwned() {
		all = append(all, "ErrInvalidToken")
	}
	return join(all, "or")
}

// UpdateFailures are the errors of the store, in comments.
func (r *Resource) UpdateFailures() string {
	return join(append([]string{"Err" + r.Type() + "NotFound"}, r.fieldFailures()...), "or")
}

// ServiceCreateFailures are the errors of the service, in comments.
func (r *Resource) ServiceCreateFailures() string {
	all := r.fieldFailures()
	if r.WriteRole() == "admin" {
		all = append([]string{"ErrForbidden"}, all...)
	}
	if r.IsOwned() {
		all = append(all, "ErrInvalidToken")
	}
	return join(all, "or")
}

// ServiceUpdateFailures are the errors of the service, in comments.
func (r *Resource) ServiceUpdateFailures() string {
	all := append([]string{"Err" + r.Type() + "NotFound"}, r.fieldFailures()...)
	if r.WriteRole() == "admin" {
		all = append(append([]string{"ErrForbidden"}, all...), "ErrInvalidToken")
	}
	return join(append(all, "ErrPreconditionFailed"), "or")
}

// join lists words: a, b or c.
func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// OwnerParam is the owner in parameters of Go.
func (r *Resource) OwnerParam() string {
	if r.IsOwned() {
		return "userID, "
	}
	return ""
}

// OwnerArg is the owner in calls by the service.
func (r *Resource) OwnerArg() string {
	if r.IsOwned() {
		return "actor.User.ID, "
	}
	return ""
}

// KeyParams are the parameters of a statement about one row.
func (r *Resource) KeyParams(verb string) string {
	if r.IsOwned() {
		return "dbsqlc." + verb + r.Type() + "Params{ID: id, UserID: userID}"
	}
	return "id"
}

// InsertColumns are the columns of an INSERT.
func (r *Resource) InsertColumns() string {
	columns := []string{"id"}
	if r.IsOwned() {
		columns = append(columns, "user_id")
	}
	for _, f := range r.Fields {
		columns = append(columns, f.Name)
	}
	return wrapped(columns)
}

// InsertValues are their values.
func (r *Resource) InsertValues() string {
	values := []string{"@id"}
	if r.IsOwned() {
		values = append(values, "@user_id")
	}
	for _, f := range r.Fields {
		values = append(values, f.Insert())
	}
	return wrapped(values)
}

// wrapped writes a list in one line, or each item in its own.
func wrapped(items []string) string {
	if line := strings.Join(items, ", "); len(line) < 100 {
		return line
	}
	return "\n    " + strings.Join(items, ",\n    ") + "\n"
}

// Constraints are those of the table.
func (r *Resource) Constraints() []Constraint {
	all := []Constraint{{r.Plural + "_pkey", "PRIMARY KEY (id)"}}
	if r.IsOwned() {
		all = append(all, Constraint{r.Plural + "_user_id_fkey", "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE"})
	}
	all = append(all, Constraint{r.Plural + "_id_is_ulid", "CHECK (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$')"})
	for _, f := range r.Fields {
		all = append(all, f.Checks()...)
	}
	return all
}

// Order is an order of the list.
type Order struct {
	Type, Position          string // in Go
	Comment, Comparison, By string // in SQL
}

// Orders are those of the list.
func (r *Resource) Orders() []Order {
	byTime := func(column, comment string) Order {
		return Order{
			columnName(column), "Time", comment,
			fmt.Sprintf("(%s, id) < (@after_%s::timestamptz, @after_id::text)", column, column), column + " DESC, id DESC",
		}
	}
	all := []Order{byTime("created_at", "The newest first.")}
	f := r.SortField()
	if f == nil {
		return append(all, byTime("updated_at", "The last changed first."))
	}
	return append(all, Order{
		f.Type(), "Text", "By " + f.Words() + ".",
		fmt.Sprintf("(%s, id) > (@after_%s::text, @after_id::text)", f.Name, f.Name), f.Name + ", id",
	})
}

// Constant is the constant of a value of an enum in the domain.
func (f Field) Constant(value string) string { return f.Schema() + goname.Of(value) }

// TakenCode is the problem code of a value that another row has.
func (f Field) TakenCode() string { return f.of.Singular + "_" + f.Name + "_taken" }

// Taken is the text of that problem.
func (f Field) Taken() string { return "Another " + f.of.Words() + " has this " + f.Words() + "." }

// RefType names what a reference refers to, such as NoteAssignee.
func (f Field) RefType() string { return f.of.Type() + columnName(strings.TrimSuffix(f.Name, "_id")) }

// FromFilter is the filter of the query, from the parameter.
func (f Field) FromFilter() string { return f.FromChange("params." + f.Type()) }

// TakenTitle is the title of the problem of a value that another row has.
func (f Field) TakenTitle() string { return upperFirst(f.Words()) + " taken" }

// TakenConstant is the constant of that problem in the client.
func (f Field) TakenConstant() string { return goname.Of(f.TakenCode()) }

// ExampleID is the identifier in the examples of the contract.
func (*Resource) ExampleID() string { return "01JD8Z7A1B2C3D4E5F6G7H8J9K" }

// SharedRow is why rows have no owner, in fixtures.
func (r *Resource) SharedRow(reason string) string {
	if r.IsOwned() {
		return ""
	}
	return `, shared: "` + reason + `"`
}

// RefNames are the names of references, in sentences.
func (r *Resource) RefNames() string {
	var names []string
	for _, f := range r.Refs() {
		names = append(names, f.Name)
	}
	return join(names, "and")
}

// RefCall is the argument of the function that makes a new row, in tests.
func (r *Resource) RefCall(account string) string {
	if len(r.Refs()) == 0 {
		return ""
	}
	return "s.User(" + account + ").ID"
}

// RegisterWriter is the call that makes an account that may write.
func (r *Resource) RegisterWriter() string {
	if r.WriteRole() == "admin" {
		return "RegisterAdmin()"
	}
	return "Register()"
}

// AllAccepted are the values at the bounds of all fields.
func (r *Resource) AllAccepted() (all []string) {
	for _, f := range r.Fields {
		all = append(all, f.Accepted()...)
	}
	return all
}

// SortVar is the variable of the values in the test of the order.
func (*Resource) SortVar() string { return "text" }

// SortValues are texts out of order; two are equal unless they must be unique.
func (r *Resource) SortValues() string {
	f, letters := r.SortField(), []string{"c", "a", "b", "a", "b"}
	if f.Unique {
		letters = []string{"c", "a", "e", "b", "d"}
	}
	for i, letter := range letters {
		text := strings.Repeat(letter, int(max(f.Min, 1)))
		if f.Kind == kindEmail {
			text = letter + "@example.com"
		}
		letters[i] = fmt.Sprintf("%q", text)
	}
	return strings.Join(letters, ", ")
}

// IsUniqueRequired reports whether the expected value is the one that was sent.
func (f Field) IsUniqueRequired() bool { return f.Unique && !f.Nullable }

// IsRandomNumber reports whether tests draw the value.
func (f Field) IsRandomNumber() bool { return f.Unique && strings.HasPrefix(f.Kind, "int") }

// TypedValue is the second value, as a variable of its type.
func (f Field) TypedValue() string { return f.typedClient(true) }
