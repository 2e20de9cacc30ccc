package contracttest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Row holds the identifiers that lead to a row, its own and those of its parents, by the names that they have in paths,
// queries, headers and bodies. A list x_ids takes the identifier x_id. An empty identifier is left out.
type Row map[string]string

func (r Row) with(name, id string) Row {
	changed := maps.Clone(r)
	if changed == nil {
		changed = Row{}
	}
	changed[name] = id
	return changed
}

// of returns the identifier for a parameter or member.
func (r Row) of(name string) (id string, known bool) {
	id = r[identifier(name)]
	return id, id != ""
}

// leavesOut reports whether no request may have an identifier.
func (r Row) leavesOut(name string) bool {
	id, named := r[identifier(name)]
	return named && id == ""
}

// identifier is the name of an identifier in a row: that of a list without its plural.
func identifier(name string) string {
	if strings.HasSuffix(name, "_ids") {
		return strings.TrimSuffix(name, "s")
	}
	return name
}

// References returns the names under which the operation takes identifiers of rows: the parameters of its path, and what
// is called x_id or x_ids in its query and its body.
func (op Operation) References() []string {
	names := map[string]bool{}
	for _, p := range op.params {
		name := identifier(p.Value.Name)
		if p.Value.In == openapi3.ParameterInPath || p.Value.In == openapi3.ParameterInQuery && strings.HasSuffix(name, "_id") {
			names[name] = true
		}
	}
	for _, member := range op.bodyMembers() {
		if name := identifier(member); strings.HasSuffix(name, "_id") {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// takes reports whether an identifier has a place in the requests of the operation.
func (op Operation) takes(name string) bool {
	isIt := func(place string) bool { return identifier(place) == name }
	return slices.ContainsFunc(op.bodyMembers(), isIt) ||
		slices.ContainsFunc(op.params, func(p *openapi3.ParameterRef) bool { return isIt(p.Value.Name) })
}

// taken returns those identifiers of a row that have a place in the requests of the operation.
func (op Operation) taken(row Row) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(row)), func(name string) bool { return !op.takes(name) })
}

// bodyMembers returns the names of all members of the JSON body, at whatever depth.
func (op Operation) bodyMembers() []string {
	_, schema := op.jsonBody()
	if schema == nil {
		return nil
	}
	var names []string
	_ = (&openapi3.SchemaRef{Value: schema}).WalkSubtree(func(_ string, part *openapi3.SchemaRef) error {
		names = slices.AppendSeq(names, maps.Keys(part.Value.Properties))
		return nil
	})
	return names
}

// canBeAbout reports whether a row has all that the path needs.
func (op Operation) canBeAbout(row Row) bool {
	return !slices.ContainsFunc(op.params, func(p *openapi3.ParameterRef) bool {
		_, found := row.of(p.Value.Name)
		return p.Value.In == openapi3.ParameterInPath && !found
	})
}

// required returns the row without those identifiers that requests may leave out.
func (op Operation) required(tb testing.TB, row Row) Row {
	tb.Helper()
	s, lesser := newSource(tb, 1), maps.Clone(row)
	_, schema := op.jsonBody()
	for name := range row {
		inParameter := slices.ContainsFunc(op.params, func(p *openapi3.ParameterRef) bool {
			return p.Value.Required && identifier(p.Value.Name) == name
		})
		if !inParameter && (schema == nil || s.canOmit(schema, name)) {
			lesser[name] = ""
		}
	}
	return lesser
}

// canOmit reports whether there are bodies without an identifier.
func (s source) canOmit(schema *openapi3.Schema, name string) bool {
	for range 100 {
		set := map[string]bool{}
		setIdentifiers(s.valid(schema), Row{name: "x"}, set)
		if len(set) == 0 {
			return true
		}
	}
	return false
}

// About returns a request that keeps the contract and has the identifiers of row wherever they have a place. Parameters
// that are optional and not in the row are left out.
func (op Operation) About(tb testing.TB, row Row) Request {
	tb.Helper()
	s := newSource(tb, 1)
	path, query, header := op.Path, url.Values{}, http.Header{}
	for _, p := range op.params {
		one := newParameter(p.Value)
		id, known := row.of(p.Value.Name)
		if !known && !p.Value.Required {
			continue
		}
		text, ok := one.encode(id)
		if !known {
			text, ok = s.drawn(one)
		}
		if ok {
			one.put(&path, query, header, text)
		}
	}
	r := Request{Name: "about a row", Operation: op, Header: header, Target: target(path, query)}
	if contentType, schema := op.jsonBody(); schema != nil {
		header.Set("Content-Type", contentType)
		r.Body = s.bodyAbout(op, schema, row)
	}
	return r
}

// bodyAbout draws a body that has all identifiers of the row for which it has a place, and none that the row leaves out.
func (s source) bodyAbout(op Operation, schema *openapi3.Schema, row Row) []byte {
	wanted := map[string]bool{}
	for _, name := range op.bodyMembers() {
		if _, known := row.of(name); known {
			wanted[name] = true
		}
	}
	for range 1000 {
		set := map[string]bool{}
		value := setIdentifiers(s.valid(schema), row, set)
		if !maps.Equal(set, wanted) {
			continue
		}
		if err := visit(schema, value, openapi3.VisitAsRequest()); err != nil {
			s.tb.Fatalf("%s: the identifiers %v do not fit the body: %v", op, row, err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			s.tb.Fatal(err)
		}
		return text
	}
	s.tb.Fatalf("%s: found no body for %v", op, row)
	return nil
}

// setIdentifiers returns value with the identifiers of row in all members of their names, which it notes in set, as it
// does those that the row leaves out.
func setIdentifiers(value any, row Row, set map[string]bool) any {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			value[i] = setIdentifiers(item, row, set)
		}
	case map[string]any:
		for name, member := range value {
			id, known := row.of(name)
			if known || row.leavesOut(name) {
				set[name] = true
				value[name] = identifierLike(member, name, id)
			} else {
				value[name] = setIdentifiers(member, row, set)
			}
		}
	}
	return value
}

// identifierLike writes an identifier as the type that the contract gives the member.
func identifierLike(drawn any, name, id string) any {
	if strings.HasSuffix(name, "_ids") {
		return []any{id}
	}
	if _, isNumber := drawn.(float64); isNumber {
		number, _ := strconv.ParseFloat(id, 64)
		return number
	}
	return id
}
