package apispec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// typescript calls the operation with the TypeScript client, which cannot set cookies.
func (o sampleOperation) typescript(module string) string {
	options := []string{"client"}
	for _, group := range []struct{ in, option string }{{"path", "path"}, {"query", "query"}, {"header", "headers"}} {
		var values []string
		for _, parameter := range o.parameters {
			if parameter.in != group.in {
				continue
			}
			value := o.literal(parameter.schema, parameter.value)
			if parameter.isJSON { // which the generated code takes as text
				value = "JSON.stringify(" + value + ")"
			}
			values = append(values, memberName(parameter.name)+": "+value)
		}
		if len(values) > 0 {
			options = append(options, group.option+": { "+strings.Join(values, ", ")+" }")
		}
	}
	if o.body != nil {
		options = append(options, "body: "+o.typescriptBody())
	}
	name := typescriptName(o.id)
	call := fmt.Sprintf("await %s({ %s });", name, strings.Join(options, ", "))
	if len(call) > 100 {
		call = fmt.Sprintf("await %s({\n  %s,\n});", name, strings.Join(options, ",\n  "))
	}
	switch o.mediaType {
	case "":
	case mediaTypeEvents:
		call = "const { stream } = " + call + "\nfor await (const event of stream) console.log(event);"
	default:
		call = "const { data } = " + call + "\nconsole.log(data);"
	}
	return fmt.Sprintf("import { %s } from %q;\n\n%s\n", name, module, call)
}

func (o sampleOperation) typescriptBody() string {
	if o.isBinary(o.body.schema) {
		return fmt.Sprintf("new Blob([%q])", "…")
	}
	text := o.literal(o.body.schema, o.body.value)
	if len(text) < 100 || o.body.value.Kind != yaml.MappingNode {
		return text
	}
	var b strings.Builder
	for name, member := range yamldoc.Members(o.body.value) {
		b.WriteString("    " + memberName(name) + ": " + o.member(o.body.schema, name, member) + ",\n")
	}
	return "{\n" + b.String() + "  }"
}

// literal writes a value of a schema in TypeScript.
func (o sampleOperation) literal(schema, value *yaml.Node) string {
	switch value.Kind {
	case yaml.AliasNode:
		return o.literal(schema, value.Alias)
	case yaml.MappingNode:
		var parts []string
		for name, member := range yamldoc.Members(value) {
			parts = append(parts, memberName(name)+": "+o.member(schema, name, member))
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case yaml.SequenceNode:
		items := make([]string, len(value.Content))
		for i, item := range value.Content {
			items[i] = o.literal(o.RawChild(o.Resolve(schema), "items"), item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	default:
		return jsonOf(value)
	}
}

func (o sampleOperation) member(schema *yaml.Node, name string, value *yaml.Node) string {
	property := o.property(schema, name)
	if o.body != nil && o.isBinary(property) {
		mediaType, _, _ := strings.Cut(o.Child(o.body.encoding, name, "contentType").Value, ",")
		return fmt.Sprintf("new File([%q], %q, { type: %q })", "…", fileName(name, mediaType), mediaType)
	}
	return o.literal(property, value)
}

var identifierForm = regexp.MustCompile(`^[A-Za-z_$][\w$]*$`)

// memberName quotes the name of a member where it is no identifier.
func memberName(name string) string {
	if identifierForm.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

var (
	capitals     = regexp.MustCompile(`([A-Z])([A-Z]*)(s(?:[A-Z]|$)|[A-Z][a-z]|$)`)
	afterNumbers = regexp.MustCompile(`[0-9]+[a-z]`)
)

// typescriptName writes an operationId as the generated code does: getJSONWebKeySet is
// getJsonWebKeySet.
func typescriptName(id string) string {
	name := capitals.ReplaceAllStringFunc(id, func(run string) string {
		match := capitals.FindStringSubmatch(run)
		return match[1] + strings.ToLower(match[2]) + match[3]
	})
	return afterNumbers.ReplaceAllStringFunc(name, strings.ToUpper)
}
