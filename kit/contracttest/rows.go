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

// Row holds the identifiers of a row and of its parents, by their names in paths, queries, headers
// and bodies. A list x_ids takes the identifier x_id. Empty identifiers are omitted from requests.
type Row map[string]string

// Known returns the identifiers as known values.
func (r Row) Known() Known {
	known := Known{}
	for name, id := range r {
		known[name] = []any{id}
	}
	return known
}

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

// leavesOut reports whether requests omit an identifier.
func (r Row) leavesOut(name string) bool {
	id, named := r[identifier(name)]
	return named && id == ""
}

// identifier returns the name of an identifier in a row: that of a list in the singular.
func identifier(name string) string {
	if strings.HasSuffix(name, "_ids") {
		return strings.TrimSuffix(name, "s")
	}
	return name
}

// References returns the names of the identifiers of rows that the operation takes: its path
// parameters, and names x_id and x_ids in its query and body.
func (op Operation) References() []string {
	names := map[string]bool{}
	for _, p := range op.params {
		name := identifier(p.Value.Name)
		isQueryID := p.Value.In == openapi3.ParameterInQuery && strings.HasSuffix(name, "_id")
		if p.Value.In == openapi3.ParameterInPath || isQueryID {
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

// takes reports whether requests of the operation can have an identifier.
func (op Operation) takes(name string) bool {
	isIt := func(place string) bool { return identifier(place) == name }
	return slices.ContainsFunc(op.bodyMembers(), isIt) ||
		slices.ContainsFunc(op.params, func(p *openapi3.ParameterRef) bool { return isIt(p.Value.Name) })
}

// taken returns the identifiers of a row that requests of the operation can have.
func (op Operation) taken(row Row) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(row)), func(name string) bool { return !op.takes(name) })
}

// bodyMembers returns the names of all members of the JSON body, at any depth.
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

// canBeAbout reports whether a row has all path parameters.
func (op Operation) canBeAbout(row Row) bool {
	return !slices.ContainsFunc(op.params, func(p *openapi3.ParameterRef) bool {
		_, found := row.of(p.Value.Name)
		return p.Value.In == openapi3.ParameterInPath && !found
	})
}

// required returns the row without optional identifiers.
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

// canOmit reports whether a valid body can omit an identifier.
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

// about returns a valid request with all identifiers of the row that it can have. Other optional
// parameters are omitted.
func (op Operation) about(tb testing.TB, row Row) Request {
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
	r := Request{Name: "a row", Operation: op, Header: header, Target: target(path, query)}
	if contentType, schema := op.jsonBody(); schema != nil {
		header.Set("Content-Type", contentType)
		r.Body = s.bodyAbout(op, schema, row)
	}
	return r
}

// bodyAbout draws a body with all identifiers of the row that it can have.
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
			s.tb.Fatalf("%s: the identifiers %v are invalid in the body: %v", op, row, err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			s.tb.Fatal(err)
		}
		return text
	}
	s.tb.Fatalf("%s: no body for %v was found", op, row)
	return nil
}

// setIdentifiers sets all members of value that are identifiers of the row, and adds their names to
// set. It also adds those that the row omits.
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

// identifierLike converts an identifier to the type of the drawn value.
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
