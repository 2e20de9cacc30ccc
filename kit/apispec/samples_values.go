package apispec

import (
	"bytes"
	"encoding/json"
	"regexp/syntax"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/formats"
	"example.com/plinth/kit/internal/yamldoc"
)

// deepestSample is the depth at which samples of recursive schemas end: deeper lists are empty, and
// objects are truncated at twice the depth.
const deepestSample = 3

// exampleOf returns the example of a parameter or media type, else the one of its schema.
func (d document) exampleOf(owner, schema *yaml.Node) *yaml.Node {
	if example := d.Child(owner, "example"); example != yamldoc.Missing {
		return example
	}
	if examples := d.Child(owner, "examples").Content; len(examples) > 1 {
		if value := d.Child(d.Resolve(examples[1]), "value"); value != yamldoc.Missing {
			return value
		}
	}
	return d.sample(schema, deepestSample)
}

// sample returns a value of a schema: its example, or a minimal valid value.
func (d document) sample(schema *yaml.Node, depth int) *yaml.Node {
	schema = d.Resolve(schema)
	if depth < -deepestSample {
		return &yaml.Node{Kind: yaml.MappingNode}
	}
	for _, name := range []string{"example", "default"} {
		if value := d.Child(schema, name); value != yamldoc.Missing {
			return value
		}
	}
	if enum := d.Child(schema, "enum").Content; len(enum) > 0 {
		return enum[0]
	}
	for _, choice := range []string{"oneOf", "anyOf"} {
		if choices := d.Child(schema, choice).Content; len(choices) > 0 {
			return d.sample(choices[0], depth-1)
		}
	}
	kind, parts := d.Child(schema, "type").Value, d.Child(schema, "allOf").Content
	switch {
	case kind == "" && len(parts) == 1:
		return d.sample(parts[0], depth-1)
	case kind == "object" || len(parts) > 0:
		return d.sampleObject(schema, depth)
	case kind == "array":
		return d.sampleList(schema, depth)
	case kind == "boolean":
		return scalarNode("!!bool", "true")
	case kind == formats.Integer, kind == formats.Number:
		return d.sampleNumber(schema, kind)
	default:
		return yamldoc.Text(d.sampleText(schema))
	}
}

// sampleObject has the required members, also those of all parts of allOf, except read-only ones.
func (d document) sampleObject(schema *yaml.Node, depth int) *yaml.Node {
	object := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	add := func(name string, value *yaml.Node) {
		if d.RawChild(object, name) == yamldoc.Missing {
			object.Content = append(object.Content, yamldoc.Text(name), value)
		}
	}
	for _, name := range d.required(schema) {
		if property := d.property(schema, name); d.Child(property, "readOnly").Value != "true" {
			add(name, d.sample(property, depth-1))
		}
	}
	for _, part := range d.Child(schema, "allOf").Content {
		for name, value := range yamldoc.Members(d.sample(part, depth-1)) {
			add(name, value)
		}
	}
	return object
}

func (d document) sampleList(schema *yaml.Node, depth int) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	count := d.number(schema, "minItems", 0)
	if depth > 0 {
		count = max(count, 1)
	}
	for range count {
		list.Content = append(list.Content, d.sample(d.RawChild(schema, "items"), depth-1))
	}
	return list
}

func (d document) sampleNumber(schema *yaml.Node, kind string) *yaml.Node {
	for _, bound := range []string{"minimum", "maximum"} {
		value := d.Child(schema, bound)
		exclusive := d.Child(schema, "exclusive"+strings.ToUpper(bound[:1])+bound[1:]).Value == "true"
		if value != yamldoc.Missing && !exclusive {
			return value
		}
	}
	if kind == formats.Integer {
		return scalarNode("!!int", "1")
	}
	return scalarNode("!!float", "1.5")
}

// sampleText matches the pattern or format, else the length of the schema.
func (d document) sampleText(schema *yaml.Node) string {
	if pattern := d.Child(schema, "pattern").Value; pattern != "" {
		if parsed, err := syntax.Parse(pattern, syntax.Perl); err == nil {
			return shortestMatch(parsed.Simplify())
		}
	}
	if format, known := formats.Of(d.Child(schema, "format").Value); known && format.Type == formats.String {
		return format.Example
	}
	text := strings.Repeat("text", 1+d.number(schema, "minLength", 0)/len("text"))
	return text[:min(len(text), max(d.number(schema, "maxLength", len(text)), 0))]
}

// shortestMatch returns a short text that matches a regular expression, preferably of letters.
func shortestMatch(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		for _, char := range "a1A" {
			for i := 0; i+1 < len(re.Rune); i += 2 {
				if re.Rune[i] <= char && char <= re.Rune[i+1] {
					return string(char)
				}
			}
		}
		return string(re.Rune[:1])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "a"
	case syntax.OpCapture, syntax.OpPlus:
		return shortestMatch(re.Sub[0])
	case syntax.OpAlternate:
		return shortestMatch(re.Sub[0])
	case syntax.OpConcat:
		var text strings.Builder
		for _, part := range re.Sub {
			text.WriteString(shortestMatch(part))
		}
		return text.String()
	default: // anchors, and optional parts
		return ""
	}
}

// number returns a whole number of a schema.
func (d document) number(schema *yaml.Node, name string, otherwise int) int {
	value := otherwise
	if node := d.Child(schema, name); node != yamldoc.Missing && node.Decode(&value) != nil {
		return otherwise
	}
	return value
}

func scalarNode(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// jsonOf writes a value as JSON on one line.
func jsonOf(value *yaml.Node) string {
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true))
	if err := writeNode(enc, value); err != nil {
		return "null" // not of a contract that could be written in JSON
	}
	return strings.TrimSpace(out.String())
}

// decoded returns a value as encoding/json decodes it, numbers as they are written.
func decoded(value *yaml.Node) any {
	decoder := json.NewDecoder(strings.NewReader(jsonOf(value)))
	decoder.UseNumber()
	var out any
	_ = decoder.Decode(&out) // it was encoded here
	return out
}
