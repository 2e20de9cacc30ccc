package resource

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// FromContract returns the resource that the contract describes in the shapes that [New] writes. The
// error lists what is missing, and what has another shape.
func FromContract(project fs.FS, name, pluralName string) (*Resource, error) {
	if name == "" {
		return nil, errors.New("NAME is missing: make resource NAME=note FROM=contract")
	}
	text, err := fs.ReadFile(project, "api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := yamldoc.Parse(text)
	if err != nil {
		return nil, err
	}
	r := &Resource{Noun: Noun{name, pluralName}, Owner: OwnerUser}
	if r.Plural == "" {
		r.Plural = plural(name)
	}
	if problems := (Spec{Plural: pluralName}).checkNoun(r); len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	c := contractReader{Document: doc, r: r}
	c.readOperations()
	c.readFields()
	if len(c.problems) == 0 {
		c.problems = r.check()
	}
	if len(c.problems) == 0 {
		c.checkOperations()
	}
	if len(c.problems) > 0 {
		c.problems = append(c.problems, errors.New("FROM=contract maps the shapes that make resource writes: compare with those of "+
			"make resource NAME="+name+" FIELDS=... in another branch, or write the rest by docs/add-a-resource.md"))
	}
	return r, errors.Join(c.problems...)
}

// contractReader collects what a contract says about a resource, and what it lacks.
type contractReader struct {
	yamldoc.Document

	r        *Resource
	problems []error
}

func (c *contractReader) report(format string, arguments ...any) {
	c.problems = append(c.problems, fmt.Errorf("api/openapi.yaml: "+format, arguments...))
}

// operations are the methods and paths of the operations by their verbs.
func (c *contractReader) operations() map[string][2]string {
	list, one := "/api/v1/"+c.r.Slug(), "/api/v1/"+c.r.Slug()+"/{id}"
	return map[string][2]string{
		"list" + c.r.Types(): {list, "get"}, "create" + c.r.Type(): {list, "post"}, "get" + c.r.Type(): {one, "get"},
		"update" + c.r.Type(): {one, "patch"}, "delete" + c.r.Type(): {one, "delete"},
	}
}

// readOperations finds the operations, and whose the rows are.
func (c *contractReader) readOperations() {
	roles := map[string]string{}
	operations := c.operations()
	for _, id := range slices.Sorted(maps.Keys(operations)) {
		at := operations[id]
		operation := c.At("paths", at[0], at[1])
		switch found := c.Child(operation, "operationId").Value; {
		case operation == yamldoc.Missing:
			c.report("%s %s (%s) is missing", strings.ToUpper(at[1]), at[0], id)
		case found != id:
			c.report("%s %s has the operationId %q, want %s", strings.ToUpper(at[1]), at[0], found, id)
		}
		roles[id] = c.Child(operation, "x-required-role").Value
	}
	if len(c.problems) > 0 {
		return
	}
	read, write := roles["get"+c.r.Type()], roles["create"+c.r.Type()]
	switch {
	case read == "admin" && write == "admin":
		c.r.Owner, c.r.Admin = OwnerNone, true
	case read == "user" && write == "admin":
		c.r.Owner = OwnerNone
	case read != "user" || write != "user":
		c.report("get%s has x-required-role %q and create%s %q: they are user and user (rows of an account), user and admin, or admin and admin",
			c.r.Type(), read, c.r.Type(), write)
	}
	for id, role := range roles {
		want := c.r.WriteRole()
		if strings.HasPrefix(id, "get") || strings.HasPrefix(id, "list") {
			want = c.r.ReadRole()
		}
		if role != want {
			c.report("%s has x-required-role %q, want %s", id, role, want)
		}
	}
}

// checkOperations compares parameters, codes and headers with those that the code relies on.
func (c *contractReader) checkOperations() {
	r := c.r
	parameters := []string{"limit", "cursor", "sort"}
	for _, f := range r.Filters() {
		parameters = append(parameters, f.Name)
	}
	list := c.At("paths", "/api/v1/"+r.Slug(), "get")
	var found []string
	for _, parameter := range c.Child(list, "parameters").Content {
		found = append(found, c.Child(parameter, "name").Value)
		if c.Child(parameter, "name").Value == "sort" {
			c.checkValues("the parameter sort of list"+r.Types(), c.Child(parameter, "schema", "enum"), "created_at", r.Sort())
		}
	}
	c.checkSet("the parameters of list"+r.Types(), found, parameters)
	var taken []string
	for _, f := range r.Unique() {
		taken = append(taken, f.TakenCode())
	}
	notFound := r.Singular + "_not_found"
	for id, codes := range map[string][]string{
		"list" + r.Types(): nil, "create" + r.Type(): taken, "get" + r.Type(): {notFound}, "delete" + r.Type(): {notFound},
		"update" + r.Type(): append([]string{notFound, "precondition_failed"}, taken...),
	} {
		at := c.operations()[id]
		c.checkSet("x-problems of "+id, values(c.At("paths", at[0], at[1], "x-problems")), codes)
	}
	for id, status := range map[string]string{"create" + r.Type(): "201", "get" + r.Type(): "200", "update" + r.Type(): "200"} {
		at := c.operations()[id]
		response := c.At("paths", at[0], at[1], "responses", status)
		if c.Child(response, "headers", "ETag") == yamldoc.Missing {
			c.report("%s: the response %s needs the header ETag", id, status)
		}
		if schema := c.RawChild(c.Child(response, "content", "application/json"), "schema"); yamldoc.RefName(schema) != r.Type() {
			c.report("%s: the response %s needs the schema %s", id, status, r.Type())
		}
	}
}

func values(list *yaml.Node) (all []string) {
	for _, node := range list.Content {
		all = append(all, node.Value)
	}
	return all
}

func (c *contractReader) checkValues(what string, list *yaml.Node, want ...string) {
	if got := values(list); !slices.Equal(got, want) {
		c.report("%s has the values %v, want %v", what, got, want)
	}
}

func (c *contractReader) checkSet(what string, got, want []string) {
	for _, name := range want {
		if !slices.Contains(got, name) {
			c.report("%s lack %s", what, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			c.report("%s have %s, which make resource does not write", what, name)
		}
	}
}

// readFields reads the fields from the schema of the resource and from that of new ones.
func (c *contractReader) readFields() {
	r := c.r
	one, created, changed := c.At("components", "schemas", r.Type()), c.At("components", "schemas", "Create"+r.Type()+"Request"),
		c.At("components", "schemas", "Update"+r.Type()+"Request")
	for name, schema := range map[string]*yaml.Node{r.Type(): one, "Create" + r.Type() + "Request": created, "Update" + r.Type() + "Request": changed} {
		if schema == yamldoc.Missing {
			c.report("the schema %s is missing", name)
		}
	}
	codes := c.At("x-problems")
	required := values(c.Child(created, "required"))
	fixed := []string{"id", "created_at", "updated_at"}
	for name, raw := range yamldoc.Members(c.Child(one, "properties")) {
		if slices.Contains(fixed, name) {
			continue
		}
		f, err := c.field(name, raw)
		if err == nil {
			err = checkFieldName(name)
		}
		if err != nil {
			c.report("%s.%s: %w", r.Type(), name, err)
			continue
		}
		f.of = r
		f.Unique = c.RawChild(codes, f.TakenCode()) != yamldoc.Missing
		c.readDefault(&f, c.Child(created, "properties", name))
		if f.IsRequired() != slices.Contains(required, name) {
			c.report("Create%sRequest: %s is required there exactly if it is neither nullable nor a list, and has no default", r.Type(), name)
		}
		if err := f.check(f.kind()); err != nil {
			c.report("%s.%s: %w", r.Type(), name, err)
		}
		for _, schema := range []*yaml.Node{created, changed} {
			if c.Child(schema, "properties", name) == yamldoc.Missing {
				c.report("%s.%s is not in both requests; members that clients cannot set are for the code by hand", r.Type(), name)
			}
		}
		r.Fields = append(r.Fields, f)
	}
	if len(r.Fields) == 0 && len(c.problems) == 0 {
		c.report("the schema %s has no members of its own", r.Type())
	}
}

var defaultSentence = regexp.MustCompile("`([^`]+)` if absent in a new ")

// readDefault reads the default of a member of new rows, or from the description of a shared schema.
func (c *contractReader) readDefault(f *Field, schema *yaml.Node) {
	if value := c.Child(schema, "default"); value != yamldoc.Missing {
		f.Default = &value.Value
	} else if match := defaultSentence.FindStringSubmatch(c.Child(schema, "description").Value); match != nil {
		f.Default = &match[1]
	}
}

// field returns the field of a member.
func (c *contractReader) field(name string, raw *yaml.Node) (Field, error) {
	schema := c.Resolve(raw)
	text := func(member string) string { return c.Child(schema, member).Value }
	f := Field{Name: name, Nullable: text("nullable") == "true", of: c.r}
	var err error
	number := func(member string) int64 {
		value := c.Child(schema, member)
		if value == yamldoc.Missing {
			return 0
		}
		n, problem := strconv.ParseInt(value.Value, 10, 64)
		err = errors.Join(err, problem)
		return n
	}
	enum, pattern := values(c.Child(schema, "enum")), text("pattern")
	switch format := text("format"); text("type") {
	case "boolean":
		f.Kind = "bool"
	case "integer":
		f.Kind = format
		f.Min, f.Max, f.Bounded = number("minimum"), number("maximum"), text("minimum")+text("maximum") != ""
		if kind, known := kinds()[format]; !known || kind.goType != format {
			return f, fmt.Errorf("an integer has the format int32 or int64, not %q", format)
		}
	case "array":
		f.Kind, f.Min, f.Max = kindList, number("minItems"), number("maxItems")
		if items := c.Child(schema, "items"); c.Child(items, "type").Value != "string" || c.Child(items, "maxLength").Value != "100" {
			return f, errors.New("only lists of texts of 1 to 100 characters are supported")
		}
	case "string":
		switch {
		case len(enum) > 0:
			f.Kind = kindEnum
			err = f.parseValues(strings.Join(enum, "|")+")", true)
		case format == "date":
			f.Kind = "date"
		case format == "date-time":
			f.Kind = "time"
		case format == "email":
			f.Kind = kindEmail
		case format == "uri":
			f.Kind = kindURL
		case pattern == c.At("components", "schemas", "ULID", "pattern").Value && pattern != "":
			f.Kind = kindRef
		case decimalShape.MatchString(pattern):
			f.Kind = kindDecimal
			err = f.readDecimal(pattern)
		case pattern != "":
			return f, fmt.Errorf("the pattern %s is not supported: write the rule by hand", pattern)
		case format != "":
			return f, fmt.Errorf("the format %q is not supported", format)
		default:
			f.Kind, f.Min, f.Max = kindString, number("minLength"), number("maxLength")
			if text("x-multiline") == "true" {
				f.Kind = kindText
			}
		}
	default:
		return f, fmt.Errorf("the type %q is not supported: the kinds are %s", text("type"), syntaxes())
	}
	if b := f.kind().bounds; err == nil && b != nil && (f.Bounded || !b.onlyIfDeclared) {
		err = f.checkRange(*b)
	}
	return f, err
}

var decimalShape = regexp.MustCompile(`^\^-\?(?:0|\[0-9\]|\(\?:0\|\[1-9\]\[0-9\]\{0,(\d+)\}\))(?:\(\?:\\\.\[0-9\]\{1,(\d+)\}\)\?)?\$$`)

// readDecimal reads precision and scale from the pattern of a decimal.
func (f *Field) readDecimal(pattern string) error {
	match := decimalShape.FindStringSubmatch(pattern)
	digits := int64(1)
	if match[1] != "" {
		more, err := strconv.ParseInt(match[1], 10, 32)
		if err != nil {
			return err
		}
		digits += more
	} else if strings.HasPrefix(pattern, "^-?0") {
		digits = 0
	}
	if match[2] != "" {
		scale, err := strconv.ParseInt(match[2], 10, 32)
		if err != nil {
			return err
		}
		f.Max = scale
	}
	f.Min = digits + f.Max
	if decimalPattern(*f) != pattern {
		return fmt.Errorf("the pattern %s is not that of a decimal, such as %s", pattern, decimalPattern(*f))
	}
	return nil
}
