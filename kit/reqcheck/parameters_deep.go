package reqcheck

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/strictjson"
)

// deepNode is a node of a deep object: filter[made][year]=2026 has the nodes filter, made and year.
type deepNode struct {
	parent   *deepNode // nil for the parameter itself
	step     string    // from the parent
	texts    []string
	children map[string]*deepNode
}

func (n *deepNode) child(step string) *deepNode {
	if n.children == nil {
		n.children = map[string]*deepNode{}
	}
	if n.children[step] == nil {
		n.children[step] = &deepNode{parent: n, step: step}
	}
	return n.children[step]
}

// name returns the name of the query parameter, such as filter[made].
func (n *deepNode) name() string {
	if n.parent == nil {
		return n.step
	}
	return n.parent.name() + "[" + n.step + "]"
}

// walk follows steps as far as the schema declares them, and one further, which the schema rejects.
func (n *deepNode) walk(steps string, schema *openapi3.Schema) *deepNode {
	for step := range strings.SplitSeq(steps, "][") {
		n, schema = n.child(step), schemaAt(schema, step)
		if schema == nil {
			break
		}
	}
	return n
}

// schemaAt returns the schema of an item or a member; nil if there is none.
func schemaAt(schema *openapi3.Schema, step string) *openapi3.Schema {
	switch types := typesOf(schema); {
	case types.Is(openapi3.TypeArray):
		return schema.Items.Value
	case types.Is(openapi3.TypeObject):
		property := schema.Properties[step]
		if property == nil {
			property = schema.AdditionalProperties.Schema
		}
		if property != nil {
			return property.Value
		}
	}
	return nil
}

// belongsTo reports whether a query parameter is part of this one.
func (p *parameter) belongsTo(name string) bool {
	return p.style == openapi3.SerializationDeepObject && strings.HasPrefix(name, p.name+"[")
}

// readDeepObject reads filter[a]=1&filter[b][c]=2. Lists are sent as filter[d]=1&filter[d]=2, as
// filter[d][]=1, or with indexes. Generated code reads only indexes as lists of any length, so the
// query is rewritten with indexes.
func (p *parameter) readDeepObject(query url.Values) (value any, present bool, err error) {
	root := &deepNode{step: p.name}
	for name, texts := range query {
		if !p.belongsTo(name) {
			continue
		}
		present = true
		if err := checkTexts(texts); err != nil {
			return nil, true, memberError{name, err}
		}
		steps, ok := deepSteps(name[len(p.name):])
		if !ok {
			return nil, true, memberError{name, errStyle}
		}
		node := root.walk(steps, p.schema)
		node.texts = append(node.texts, texts...)
	}
	if !present {
		return nil, false, nil
	}
	value, err = root.value(p.schema)
	if err != nil {
		return nil, true, err
	}
	for name := range query {
		if p.belongsTo(name) {
			delete(query, name)
		}
	}
	root.write(query)
	return value, true, nil
}

// deepSteps returns made][year for [made][year]. Empty brackets at the end, [colors][], mark a
// list.
func deepSteps(text string) (string, bool) {
	text, ok := strings.CutSuffix(strings.TrimSuffix(text, "[]"), "]")
	if !ok || text == "" || text[0] != '[' {
		return "", false
	}
	steps, count := text[1:], 0
	for step := range strings.SplitSeq(steps, "][") {
		count++
		if step == "" || count > strictjson.MaxDepth || strings.ContainsAny(step, "[]") {
			return "", false
		}
	}
	return steps, true
}

// value returns the value of a node.
func (n *deepNode) value(schema *openapi3.Schema) (any, error) {
	if len(n.texts) > 0 && len(n.children) > 0 {
		return nil, memberError{n.name(), errStyle}
	}
	types := typesOf(schema)
	switch {
	case types.Is(openapi3.TypeArray):
		return n.list(schema.Items.Value)
	case types.Is(openapi3.TypeObject):
		if len(n.texts) > 0 {
			return nil, memberError{n.name(), typeError{schema}}
		}
		return n.object(schema)
	case len(n.children) > 0:
		return nil, memberError{n.name(), typeError{schema}}
	case len(n.texts) > 1:
		return nil, memberError{n.name(), errRepeated}
	}
	value, err := scalar(schema, n.texts[0])
	if err != nil {
		return nil, memberError{n.name(), err}
	}
	return value, nil
}

func (n *deepNode) object(schema *openapi3.Schema) (any, error) {
	members := map[string]any{}
	for name, child := range n.children {
		member := schemaAt(schema, name)
		if member == nil {
			members[name] = true // the schema rejects any value
			continue
		}
		var err error
		if members[name], err = child.value(member); err != nil {
			return nil, err
		}
	}
	return members, nil
}

func (n *deepNode) list(schema *openapi3.Schema) (any, error) {
	for i, text := range n.texts {
		n.child(strconv.Itoa(i)).texts = []string{text}
	}
	n.texts = nil
	items := make([]any, len(n.children))
	for i := range items {
		child := n.children[strconv.Itoa(i)]
		if child == nil {
			return nil, memberError{n.name(), errStyle}
		}
		var err error
		if items[i], err = child.value(schema); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// write writes the node to a query, lists with indexes.
func (n *deepNode) write(query url.Values) {
	if len(n.texts) > 0 {
		query[n.name()] = n.texts
	}
	for _, child := range n.children {
		child.write(query)
	}
}
