package resource

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Spec is what a resource shall be, as its author writes it.
type Spec struct {
	Name   string // in the singular, such as note or purchase_order
	Plural string // empty: the usual one
	Fields string // such as "title:string:1..200 body:text? pinned:bool=false"
	Owner  string // user or none; empty: user
	Admin  bool
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$`)

// Parse returns the resource of a specification. The error lists all mistakes, each with what is
// allowed.
func (s Spec) Parse() (*Resource, error) {
	r := &Resource{Noun: Noun{s.Name, s.Plural}, Owner: Owner(s.Owner), Admin: s.Admin}
	if r.Plural == "" {
		r.Plural = plural(s.Name)
	}
	if r.Owner == "" {
		r.Owner = OwnerUser
	}
	problems := s.checkNoun(r)
	if !slices.Contains([]Owner{OwnerUser, OwnerNone}, r.Owner) {
		problems = append(problems, fmt.Errorf("OWNER=%s: there is no such owner: use user or none", s.Owner))
	}
	if r.Admin && r.Owner == OwnerUser {
		problems = append(problems, errors.New("ADMIN=true: rows of an account are not for administrators only: add OWNER=none"))
	}
	fields, fieldProblems := parseFields(s.Fields)
	for i := range fields {
		fields[i].of = r
	}
	r.Fields = fields
	problems = append(problems, fieldProblems...)
	if len(problems) == 0 {
		problems = r.check()
	}
	return r, errors.Join(problems...)
}

var shortWord = regexp.MustCompile(`(?:^|_)[a-z](?:_|$)`)

func (s Spec) checkNoun(r *Resource) []error {
	var problems []error
	for _, given := range [][2]string{{"NAME", r.Singular}, {"PLURAL", r.Plural}} {
		option, name := given[0], given[1]
		if option == "PLURAL" && s.Plural == "" && len(problems) > 0 {
			break // a plural of a wrong name
		}
		switch {
		case name == "" && option == "NAME":
			problems = append(problems, errors.New("NAME is missing: make resource NAME=note FIELDS=\"title:string:1..200\""))
		case name == "":
		case !namePattern.MatchString(name):
			problems = append(problems, fmt.Errorf("%s=%s: use lower-case letters and digits, and _ between words, such as note or purchase_order", option, name))
		case len(name) > 30:
			problems = append(problems, fmt.Errorf("%s=%s: it has %d characters, and at most 30 are allowed, because names of constraints begin with it", option, name, len(name)))
		case shortWord.MatchString(name):
			problems = append(problems, fmt.Errorf("%s=%s: it has a word of one letter, which operationIds cannot have: use a longer one", option, name))
		default:
			if why := reservedNoun(name); why != "" {
				problems = append(problems, fmt.Errorf("%s=%s: it is %s: use another word", option, name, why))
			}
			if err := checkSpelling(name); err != nil {
				problems = append(problems, fmt.Errorf("%s=%s: %w", option, name, err))
			}
		}
	}
	if len(problems) == 0 && s.Plural == "" && sqlcSingular(r.Singular) != r.Singular {
		problems = append(problems, fmt.Errorf("NAME=%s: it is a plural: use NAME=%s, or give PLURAL, too", r.Singular, sqlcSingular(r.Singular)))
	} else if r.Singular == r.Plural && r.Singular != "" {
		problems = append(problems, fmt.Errorf("NAME=%s: its plural is the same: add another one, such as PLURAL=%s_items", r.Singular, r.Singular))
	}
	return problems
}

// parseFields reads FIELDS. A word `unique` belongs to the field before it.
func parseFields(text string) (fields []Field, problems []error) {
	for token := range strings.FieldsSeq(text) {
		if token == "unique" && len(fields) > 0 {
			fields[len(fields)-1].Unique = true
			continue
		}
		field, err := parseField(token)
		if err != nil {
			problems = append(problems, fmt.Errorf("FIELDS: %s: %w", token, err))
		}
		fields = append(fields, field)
	}
	if len(fields) == 0 {
		problems = append(problems, errors.New("FIELDS is missing: give at least one field, such as FIELDS=\"title:string:1..200 body:text?\""))
	}
	return fields, problems
}

func parseField(token string) (Field, error) {
	declared, value, hasDefault := strings.Cut(token, "=")
	declared, nullable := strings.CutSuffix(declared, "?")
	parts := strings.Split(declared, ":")
	f := Field{Name: parts[0], Nullable: nullable}
	if _, second, hasComma := strings.Cut(token, ","); hasComma && strings.Contains(second, ":") {
		return f, errors.New("fields are separated by spaces, not by commas")
	}
	if hasDefault {
		f.Default = &value
	}
	if strings.Contains(declared, "?") {
		return f, errors.New("? is the end of a field: write name:string:1..20?")
	}
	if err := checkFieldName(f.Name); err != nil {
		return f, err
	}
	if len(parts) < 2 || parts[1] == "" {
		return f, fmt.Errorf("the kind is missing: write %s:KIND with one of %s", f.Name, syntaxes())
	}
	name, values, isCall := strings.Cut(parts[1], "(")
	f.Kind = name
	kind, known := kinds()[name]
	if !known {
		return f, unknownKind(parts[1])
	}
	if err := f.parseValues(values, isCall); err != nil {
		return f, err
	}
	if kind.bounds != nil {
		f.Min, f.Max = kind.bounds.min, kind.bounds.max
	}
	if f.Kind == kindDecimal {
		f.Min, f.Max = 12, 2
	}
	rest := parts[2:]
	if f.IsRef() {
		if len(rest) == 0 || rest[0] != "user" {
			return f, fmt.Errorf("say what it refers to: write %s:ref:user, the only one that is supported", f.Name)
		}
		rest = rest[1:]
	}
	for _, part := range rest {
		if err := f.parseRest(part, kind); err != nil {
			return f, err
		}
	}
	err := f.check(kind)
	return f, err
}

// usual are names of kinds in other languages.
var usual = map[string]string{
	"boolean": "bool", "int": kindInt32, "integer": kindInt32, "long": kindInt64, "bigint": kindInt64, "number": kindDecimal, "numeric": kindDecimal,
	"float": kindDecimal, "double": kindDecimal, "money": kindDecimal, "datetime": "time", "timestamp": "time", "timestamptz": "time",
	"str": kindString, "varchar": kindString, "list": kindList, "array": kindList, "string[]": kindList, "tags": kindList, "user": "ref:user",
	"uri": kindURL, "mail": kindEmail,
}

func unknownKind(name string) error {
	hint := ""
	if known := usual[name]; known != "" {
		hint = "write " + known + ", or "
	}
	return fmt.Errorf("there is no kind %q: %suse one of %s", name, hint, syntaxes())
}

// parseValues reads the values of an enum.
func (f *Field) parseValues(values string, isCall bool) error {
	if f.Kind != kindEnum {
		if isCall {
			return fmt.Errorf("%s takes nothing in parentheses; only enum does, such as enum(draft|done)", f.Kind)
		}
		return nil
	}
	values, closed := strings.CutSuffix(values, ")")
	if !isCall || !closed {
		return errors.New("the values are missing: write them in parentheses, such as enum(draft|done), in quotation marks for the shell")
	}
	for value := range strings.SplitSeq(values, "|") {
		switch {
		case !namePattern.MatchString(value) || len(value) > 40:
			return fmt.Errorf("the value %q: use lower-case letters and digits, and _ between words, at most 40 characters", value)
		case slices.Contains(f.Values, value):
			return fmt.Errorf("the value %q occurs twice", value)
		case slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, value):
			return fmt.Errorf("the value %q means something else in YAML: use another word", value)
		}
		f.Values = append(f.Values, value)
	}
	if len(f.Values) < 2 {
		return errors.New("an enum needs at least two values, such as enum(draft|done)")
	}
	return nil
}

var (
	rangePattern = regexp.MustCompile(`^(-?[0-9]{1,16})\.\.(-?[0-9]{1,16})$`)
	scalePattern = regexp.MustCompile(`^([0-9]{1,3}),([0-9]{1,3})$`)
)

// parseRest reads what follows the kind: unique, bounds, or precision and scale.
func (f *Field) parseRest(part string, kind kind) error {
	switch match := rangePattern.FindStringSubmatch(part); {
	case part == "unique":
		f.Unique = true
	case f.Kind == kindDecimal:
		return f.parseScale(part)
	case kind.bounds == nil:
		return fmt.Errorf("%s takes no %q: only unique, ? and = may follow", kind.syntax, part)
	case match == nil:
		return fmt.Errorf("%q is no range: write the bounds as 1..200, such as %s:%s, or unique", part, f.Name, kind.syntax)
	default:
		f.Min, _ = strconv.ParseInt(match[1], 10, 64) // the pattern has only numbers that fit
		f.Max, _ = strconv.ParseInt(match[2], 10, 64)
		f.Bounded = true
		return f.checkRange(*kind.bounds)
	}
	return nil
}

func (f *Field) checkRange(b bounds) error {
	switch {
	case f.Min > f.Max:
		return fmt.Errorf("the range %d..%d is empty: write the lesser bound first", f.Min, f.Max)
	case f.Min < b.least || f.Max > b.most:
		return fmt.Errorf("the range %d..%d is too wide: bounds of the number of %s in a %s are within %d..%d", f.Min, f.Max, b.what, f.Kind, b.least, b.most)
	case f.Max == 0 && !b.onlyIfDeclared:
		return fmt.Errorf("the range %d..%d allows nothing: the greater bound must be at least 1", f.Min, f.Max)
	case f.Min == f.Max && b.onlyIfDeclared:
		return fmt.Errorf("the range %d..%d has one value only", f.Min, f.Max)
	}
	return nil
}

func (f *Field) parseScale(part string) error {
	match := scalePattern.FindStringSubmatch(part)
	if match == nil {
		return fmt.Errorf("%q is no precision and scale: write the number of digits and of those after the point, such as %s:decimal:12,2", part, f.Name)
	}
	f.Min, _ = strconv.ParseInt(match[1], 10, 64)
	f.Max, _ = strconv.ParseInt(match[2], 10, 64)
	if f.Min < 1 || f.Min > 100 || f.Max >= f.Min {
		return fmt.Errorf("decimal:%s: the precision is 1 to 100 digits, and the scale is less than the precision", part)
	}
	return nil
}

// check checks what the parts of a field mean together.
func (f *Field) check(kind kind) error {
	switch {
	case f.IsRef() != (strings.HasSuffix(f.Name, "_id") || strings.HasSuffix(f.Name, "_ids")):
		if f.IsRef() {
			return fmt.Errorf("the name of a reference ends with _id, such as %s_id", f.Name)
		}
		return errors.New("only names of references end with _id: use ref:user, or another name")
	case strings.HasSuffix(f.Name, "_ids"):
		return errors.New("a reference is to one user: let the name end with _id")
	case f.Unique && !kind.canBeUnique:
		return fmt.Errorf("%s cannot be unique; %s can", f.Kind, strings.Join(uniqueKinds(), ", "))
	case f.Unique && f.Bounded && strings.HasPrefix(f.Kind, "int") && f.Max-f.Min < 1_000_000:
		return errors.New("a unique integer needs a range of at least a million values")
	case f.Unique && f.Kind == kindString && f.Max < 8:
		return errors.New("a unique text needs room for at least 8 characters")
	case f.Unique && f.Kind == kindString && f.Max > maxSortable:
		return fmt.Errorf("a unique text has at most %d characters, because an index contains it", maxSortable)
	case f.Default != nil && f.Nullable:
		return errors.New("? and = exclude each other: a field with a default is never null")
	case f.Default != nil && f.Unique:
		return errors.New("unique and = exclude each other: the default could be used once")
	case f.Default != nil && kind.checkDefault == nil:
		return fmt.Errorf("%s takes no default", f.Kind)
	case f.Default != nil:
		if _, bounds, found := strings.Cut(*f.Default, ":"); found && kind.bounds != nil && (bounds == "unique" || rangePattern.MatchString(bounds)) {
			return errors.New("bounds and unique come before =, such as count:int32:0..100=5")
		}
		if err := kind.checkDefault(*f, *f.Default); err != nil {
			return fmt.Errorf("the default %q: %w", *f.Default, err)
		}
	}
	return nil
}

func uniqueKinds() []string {
	all := kinds()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool { return !all[name].canBeUnique })
}

// syntaxes returns the kinds as they are written.
func syntaxes() string {
	var all []string
	table := kinds()
	for _, name := range slices.Sorted(maps.Keys(table)) {
		all = append(all, table[name].syntax)
	}
	return strings.Join(all, ", ")
}

// maxBody is the size of a request in bytes, less what names and punctuation take.
const maxBody = 60 << 10

// check checks what fields mean together.
func (r *Resource) check() []error {
	var problems []error
	add := func(format string, arguments ...any) {
		problems = append(problems, fmt.Errorf("FIELDS: "+format, arguments...))
	}
	seen, size := map[string]string{}, int64(0)
	for _, f := range r.Fields {
		names := []string{f.Type()}
		if f.Nullable {
			names = append(names, "Set"+f.Type())
		}
		for _, name := range names {
			switch other, taken := seen[name]; {
			case taken && other == f.Name:
				add("%s: there are two fields of this name", f.Name)
			case taken:
				add("%s: %s is %s in Go, too: use another name", f.Name, other, name)
			}
			seen[name] = f.Name
		}
		if f.Name == "user_id" && r.IsOwned() {
			add("user_id: that is the owner: use another name, or OWNER=none")
		}
		switch f.Kind {
		case kindString, kindText:
			size += 4 * f.Max
		case kindList:
			size += 4 * 100 * f.Max
		}
	}
	if size > maxBody {
		add("the texts can have %d bytes together, and the body of a request at most 64 KiB: give lesser bounds, such as body:text:0..5000", size)
	}
	return append(problems, r.checkLengths()...)
}

// checkLengths checks the names that PostgreSQL would cut.
func (r *Resource) checkLengths() []error {
	const longest = 63
	var problems []error
	check := func(name string) {
		if len(name) > longest {
			problems = append(problems, fmt.Errorf("%s has %d characters, and PostgreSQL takes at most %d: use shorter names", name, len(name), longest))
		}
	}
	for _, f := range r.Fields {
		if f.Unique {
			check(f.UniqueKey())
		}
		for _, constraint := range f.Checks() {
			check(constraint.Name)
		}
	}
	for _, index := range r.Indexes() {
		check(index.Name)
	}
	return problems
}

func oneOf(text string, allowed ...string) error {
	if slices.Contains(allowed, text) {
		return nil
	}
	return fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
}

func checkText(f Field, text string) error {
	if n := int64(len([]rune(text))); n < f.Min || f.Max > 0 && n > f.Max {
		return fmt.Errorf("must have %d to %d characters", f.Min, f.Max)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@:/-]*$`).MatchString(text) {
		return errors.New("must consist of letters, digits and . _ @ : / - and begin with a letter or digit; change it in the code afterwards")
	}
	switch {
	case f.Kind == kindEmail && !regexp.MustCompile(`^[^@]+@[^@]+\.[^@]+$`).MatchString(text):
		return errors.New("must be an e-mail address")
	case f.Kind == kindURL && !regexp.MustCompile(`^https?://.+$`).MatchString(text):
		return errors.New("must begin with https:// or http://")
	}
	return nil
}

func checkInteger(f Field, text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	low, high := f.Min, f.Max
	if b := kinds()[f.Kind].bounds; !f.Bounded {
		low, high = b.least, b.most
	}
	if err != nil || n < low || n > high || strconv.FormatInt(n, 10) != text {
		return fmt.Errorf("must be an integer within %d..%d", low, high)
	}
	return nil
}

func checkDecimal(f Field, text string) error {
	if !regexp.MustCompile(decimalPattern(f)).MatchString(text) || int64(len(text[strings.IndexByte(text, '.')+1:])) != f.Max && f.Max > 0 {
		return fmt.Errorf("must be a decimal with %d digits after the point, such as %s", f.Max, sample(f))
	}
	return nil
}
