package contracttest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// longestText bounds the text of a parameter: servers reject long request lines unparsed.
const longestText = 1 << 10

// texts returns the variants of a parameter that have a form in its style.
func (s source) texts(p parameter) []raw {
	variants := s.variants(p.schema, s.valid(p.schema))
	for _, value := range s.accepted(p.Name, p.schema) {
		variants = append(variants, variant{name: "a known value", value: value})
	}
	var all []raw
	for _, v := range variants {
		text, ok := p.encode(v.value)
		if !ok || len(text) > longestText {
			continue
		}
		one := raw{name: v.name, text: []byte(text)}
		switch {
		case v.control:
			one.refusals = eitherWay
		case !p.accepts(v.value):
			one.refusals = invalid
		}
		all = append(all, one)
	}
	return all
}

// scalar formats a value, unless it is or has null or an object.
func scalar(value any) (string, bool) {
	switch value := value.(type) {
	case nil, map[string]any:
		return "", false
	case []any:
		parts := make([]string, len(value))
		for i, item := range value {
			part, ok := scalar(item)
			if !ok {
				return "", false
			}
			parts[i] = part
		}
		return strings.Join(parts, ","), true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	}
	return fmt.Sprint(value), true
}

func (s source) pathRequests(base Request) []Request {
	op := base.Operation
	var all []Request
	for _, p := range op.params {
		if p.Value.In != openapi3.ParameterInPath {
			continue
		}
		for _, text := range s.texts(newParameter(p.Value)) {
			path := strings.ReplaceAll(op.Path, "{"+p.Value.Name+"}", string(text.text))
			path = s.fillPath(op, path)
			if !op.answers(path) {
				continue // the path belongs to another operation
			}
			all = append(all, base.but(p.Value.Name+": "+text.name, text.refusals, func(r *Request) {
				_, query, _ := strings.Cut(base.Target, "?")
				r.Target = strings.TrimSuffix(path+"?"+query, "?")
			}))
		}
	}
	return all
}

// fillPath replaces the remaining path parameters.
func (s source) fillPath(op Operation, path string) string {
	for _, p := range op.params {
		if p.Value.In == openapi3.ParameterInPath {
			text, _ := s.drawn(newParameter(p.Value))
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", text)
		}
	}
	return path
}

func (op Operation) answers(path string) bool {
	if strings.HasSuffix(path, "/.") || strings.HasSuffix(path, "/..") {
		return false // clients may resolve these
	}
	found, _, ok := op.contract.find(op.Method, path)
	return ok && found.ID == op.ID
}

func (s source) queryRequests(base Request) []Request {
	path, encoded, _ := strings.Cut(base.Target, "?")
	set := func(r *Request, change func(url.Values)) {
		query, _ := url.ParseQuery(encoded) // target encoded it
		change(query)
		r.Target = target(path, query)
	}
	all := []Request{
		base.but("an undeclared query parameter", invalid, func(r *Request) {
			set(r, func(query url.Values) { query.Set("undeclared", "1") })
		}),
		base.but("a malformed query", eitherWay, func(r *Request) { r.Target = path + "?%zz" }),
	}
	for _, p := range base.Operation.params {
		name, one := p.Value.Name, newParameter(p.Value)
		if p.Value.In != openapi3.ParameterInQuery {
			continue
		}
		for _, text := range s.texts(one) {
			all = append(all, base.but(name+": "+text.name, text.refusals, func(r *Request) {
				set(r, func(query url.Values) { one.setQuery(query, string(text.text)) })
			}))
		}
		if one.owns(name) && (one.split || !one.schema.Type.Is(openapi3.TypeArray)) {
			all = append(all, base.but(name+" twice", eitherWay, func(r *Request) {
				set(r, func(query url.Values) { query[name] = []string{"1", "1"} })
			}))
		}
		if p.Value.Required {
			all = append(all, base.but("without "+name, invalid, func(r *Request) {
				set(r, func(query url.Values) { one.setQuery(query, "") })
			}))
		}
	}
	return all
}

// headerRequests omits values that clients cannot send in a header, or would change.
func (s source) headerRequests(base Request) []Request {
	var all []Request
	for _, p := range base.Operation.params {
		if p.Value.In != openapi3.ParameterInHeader {
			continue
		}
		name := p.Value.Name
		for _, text := range s.texts(newParameter(p.Value)) {
			value := string(text.text)
			if value == "" || value != strings.TrimSpace(value) || strings.ContainsFunc(value, unicode.IsControl) {
				continue
			}
			all = append(all, base.but(name+": "+text.name, text.refusals, func(r *Request) {
				r.Header.Set(name, value)
			}))
		}
		if p.Value.Required {
			all = append(all, base.but("without "+name, invalid, func(r *Request) { r.Header.Del(name) }))
		}
	}
	return all
}
