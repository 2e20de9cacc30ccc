package apispec

import (
	"slices"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// Patterns that exclude the characters that services reject, with equal meaning in RE2, ECMAScript,
// Java and Python: control characters, except line breaks and tabs in a text with x-multiline, and
// invisible characters, except in passwords.
const (
	patternOneLine   = `^[^\x00-\x1f` + controlsEnd + `]*$`
	patternMultiline = `^[^\x00-\x08\x0b-\x1f` + controlsEnd + `]*$`
	controlsEnd      = `\x7f-\x9f`

	// invisible has the invisible characters up to U+FFFF that are rejected in any context. Those
	// above U+FFFF, joiners and variation selectors cannot be excluded in all dialects. The
	// characters are literal, as the dialects have no common escape. The isolate (U+2066 to U+2069)
	// around the bidi controls ends their effect on the rest of the pattern where it is displayed.
	invisible = "\u00ad\u061c\u115f-\u1160\u17b4-\u17b5\u180e\u200b\u200e-\u200f\u2066\u2028-\u202e\u2069" +
		"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
)

// relativeServer is the URL of the service relative to the published contract in /api/, because a
// proxy may add a prefix.
const relativeServer = ".."

// completeRequests adds what clients need to know of requests and the service checks by itself.
func (d document) completeRequests() {
	for _, server := range d.At("servers").Content {
		if url := d.Child(server, "url"); url.Value == "/" {
			url.Value = relativeServer
		}
	}
	d.excludeCharacters()
	d.acceptMergePatch()
	d.addConditions()
}

// acceptMergePatch adds application/merge-patch+json to each PATCH in JSON, because the service
// accepts both.
func (d document) acceptMergePatch() {
	for _, item := range yamldoc.Members(d.At("paths")) {
		content := d.Child(item, "patch", "requestBody", "content")
		if media := d.RawChild(content, "application/json"); media != yamldoc.Missing {
			content.Content = append(content.Content, yamldoc.Scalar("application/merge-patch+json"), media)
		}
	}
}

// addConditions adds If-Match and If-None-Match, 304 and 412 to each GET with an ETag, because
// middleware compares it. What an operation declares itself is kept.
func (d document) addConditions() {
	const refused = "PreconditionFailed"
	if d.At("components", "responses", refused) == yamldoc.Missing {
		return
	}
	for _, item := range yamldoc.Members(d.At("paths")) {
		get := d.Child(item, "get")
		responses := d.RawChild(get, "responses")
		headers := d.RawChild(d.Child(responses, "200"), "headers")
		if d.RawChild(headers, "ETag") == yamldoc.Missing {
			continue
		}
		d.addParameters(get, "IfMatch", "IfNoneMatch")
		notModified := yamldoc.Mapping(yamldoc.Scalar("description"),
			yamldoc.Scalar("The version is one that `If-None-Match` names."), yamldoc.Scalar("headers"), headers)
		if d.RawChild(responses, "304") == yamldoc.Missing {
			responses.Content = append(responses.Content, yamldoc.Quoted("304"), notModified)
		}
		if d.RawChild(responses, "412") == yamldoc.Missing {
			responses.Content = append(responses.Content, yamldoc.Quoted("412"), yamldoc.Reference("responses", refused))
		}
	}
}

// addParameters adds references to parameters that the contract has and an operation does not.
func (d document) addParameters(operation *yaml.Node, names ...string) {
	list := d.RawChild(operation, "parameters")
	if list == yamldoc.Missing {
		list = &yaml.Node{Kind: yaml.SequenceNode}
		operation.Content = append(operation.Content, yamldoc.Scalar("parameters"), list)
	}
	for _, name := range names {
		has := func(node *yaml.Node) bool { return yamldoc.RefName(node) == name }
		exists := d.At("components", "parameters", name) != yamldoc.Missing
		if exists && !slices.ContainsFunc(list.Content, has) {
			list.Content = append(list.Content, yamldoc.Reference("parameters", name))
		}
	}
}

// excludeCharacters adds a pattern to each text of a request without a pattern, format or enum, and
// adds the invisible characters to the patterns that exclude control characters.
func (d document) excludeCharacters() {
	seen := map[*yaml.Node]bool{}
	for _, item := range yamldoc.Members(d.At("paths")) {
		holders := []*yaml.Node{item}
		for _, operation := range yamldoc.Members(item) {
			holders = append(holders, operation)
		}
		for _, holder := range holders {
			for _, parameter := range d.Child(holder, "parameters").Content {
				d.excludeIn(d.Child(parameter, "schema"), seen)
				for _, media := range yamldoc.Members(d.Child(parameter, "content")) {
					d.excludeIn(d.Child(media, "schema"), seen)
				}
			}
			for _, media := range yamldoc.Members(d.Child(holder, "requestBody", "content")) {
				d.excludeIn(d.Child(media, "schema"), seen)
			}
		}
	}
}

func (d document) excludeIn(schema *yaml.Node, seen map[*yaml.Node]bool) {
	schema = d.Resolve(schema)
	if schema.Kind != yaml.MappingNode || seen[schema] {
		return
	}
	seen[schema] = true
	if pattern := d.missingPattern(schema); pattern != "" {
		schema.Content = append(schema.Content, yamldoc.Scalar("pattern"), yamldoc.Quoted(pattern))
	}
	if pattern := d.Child(schema, "pattern"); pattern != yamldoc.Missing && d.Child(schema, "format").Value != "password" {
		pattern.Value = strings.ReplaceAll(pattern.Value, controlsEnd+"]", controlsEnd+invisible+"]")
	}
	for _, property := range yamldoc.Members(d.Child(schema, "properties")) {
		d.excludeIn(property, seen)
	}
	for _, key := range []string{"items", "additionalProperties"} {
		d.excludeIn(d.Child(schema, key), seen)
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range d.Child(schema, key).Content {
			d.excludeIn(part, seen)
		}
	}
}

// missingPattern returns the pattern that a schema lacks; empty for none. Every format but password
// excludes control characters by itself.
func (d document) missingPattern(schema *yaml.Node) string {
	format := d.Child(schema, "format").Value
	isText := d.Child(schema, "type").Value == "string" && (format == "" || format == "password")
	hasOwn := d.Child(schema, "pattern").Value != "" || len(d.Child(schema, "enum").Content) > 0
	switch {
	case !isText || hasOwn:
		return ""
	case d.Child(schema, "x-multiline").Value == "true":
		return patternMultiline
	default:
		return patternOneLine
	}
}
