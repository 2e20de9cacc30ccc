package apispec

import (
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// What the service refuses in texts, as patterns that RE2, ECMAScript, Java and Python read alike: control characters,
// except line breaks and tabs in a text that is marked x-multiline, and invisible characters, except in passwords.
const (
	patternOneLine   = `^[^\x00-\x1f` + controlsEnd + `]*$`
	patternMultiline = `^[^\x00-\x08\x0b-\x1f` + controlsEnd + `]*$`
	controlsEnd      = `\x7f-\x9f`

	// invisible are the invisible characters that are refused in any context, up to U+FFFF: those beyond
	// it, joiners and variation selectors cannot be excluded in all dialects. The characters are literal,
	// as the dialects have no common escape. The isolate (U+2066 to U+2069) around the bidi controls ends
	// their effect on the rest of the pattern where it is displayed.
	invisible = "\u00ad\u061c\u115f-\u1160\u17b4-\u17b5\u180e\u200b\u200e-\u200f\u2066\u2028-\u202e\u2069" +
		"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
)

// relativeServer is the URL of the service relative to the published contract in /api/, because a proxy may add a prefix.
const relativeServer = ".."

// completeRequests adds what clients need to know of requests and the service checks by itself.
func (d document) completeRequests() {
	for _, server := range d.at("servers").Content {
		if url := d.child(server, "url"); url.Value == "/" {
			url.Value = relativeServer
		}
	}
	d.refuseCharacters()
	d.acceptMergePatch()
	d.answerConditions()
}

// acceptMergePatch adds application/merge-patch+json to each PATCH in JSON: the service takes both for the same.
func (d document) acceptMergePatch() {
	for _, item := range members(d.at("paths")) {
		content := d.child(item, "patch", "requestBody", "content")
		if media := d.rawChild(content, "application/json"); media != nothing {
			content.Content = append(content.Content, scalar("application/merge-patch+json"), media)
		}
	}
}

// answerConditions adds If-Match and If-None-Match to each GET that gives an ETag, with the answers to them: the service
// compares the ETag by itself.
func (d document) answerConditions() {
	const refused = "PreconditionFailed"
	parameters := []string{"IfMatch", "IfNoneMatch"}
	if d.at("components", "responses", refused) == nothing {
		return
	}
	for _, item := range members(d.at("paths")) {
		get := d.child(item, "get")
		responses := d.rawChild(get, "responses")
		headers := d.rawChild(d.child(responses, "200"), "headers")
		if d.rawChild(headers, "ETag") == nothing {
			continue
		}
		list := d.rawChild(get, "parameters")
		if list == nothing {
			list = &yaml.Node{Kind: yaml.SequenceNode}
			get.Content = append(get.Content, scalar("parameters"), list)
		}
		for _, name := range parameters {
			list.Content = append(list.Content, reference("parameters", name))
		}
		notModified := mapping(scalar("description"), scalar("The version is one that `If-None-Match` names."), scalar("headers"), headers)
		responses.Content = append(responses.Content,
			quoted("304"), notModified, quoted("412"), reference("responses", refused))
	}
}

func scalar(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

func quoted(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: yaml.DoubleQuotedStyle}
}

func mapping(members ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: members}
}

func reference(kind, name string) *yaml.Node {
	return mapping(scalar("$ref"), quoted("#/components/"+kind+"/"+name))
}

// refuseCharacters gives a pattern to every text of a request that has neither a pattern, a format nor an enum, and adds
// invisible characters to the patterns that exclude control characters.
func (d document) refuseCharacters() {
	seen := map[*yaml.Node]bool{}
	for _, item := range members(d.at("paths")) {
		holders := []*yaml.Node{item}
		for _, operation := range members(item) {
			holders = append(holders, operation)
		}
		for _, holder := range holders {
			for _, parameter := range d.child(holder, "parameters").Content {
				d.refuseIn(d.child(parameter, "schema"), seen)
				for _, media := range members(d.child(parameter, "content")) {
					d.refuseIn(d.child(media, "schema"), seen)
				}
			}
			for _, media := range members(d.child(holder, "requestBody", "content")) {
				d.refuseIn(d.child(media, "schema"), seen)
			}
		}
	}
}

func (d document) refuseIn(schema *yaml.Node, seen map[*yaml.Node]bool) {
	schema = d.resolve(schema)
	if schema.Kind != yaml.MappingNode || seen[schema] {
		return
	}
	seen[schema] = true
	if pattern := d.missingPattern(schema); pattern != "" {
		schema.Content = append(schema.Content, scalar("pattern"), quoted(pattern))
	}
	if pattern := d.child(schema, "pattern"); pattern != nothing && d.child(schema, "format").Value != "password" {
		pattern.Value = strings.ReplaceAll(pattern.Value, controlsEnd+"]", controlsEnd+invisible+"]")
	}
	for _, property := range members(d.child(schema, "properties")) {
		d.refuseIn(property, seen)
	}
	for _, key := range []string{"items", "additionalProperties"} {
		d.refuseIn(d.child(schema, key), seen)
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range d.child(schema, key).Content {
			d.refuseIn(part, seen)
		}
	}
}

// missingPattern returns the pattern that a schema lacks; empty for none. Every format but password excludes control
// characters by itself.
func (d document) missingPattern(schema *yaml.Node) string {
	format := d.child(schema, "format").Value
	isText := d.child(schema, "type").Value == "string" && (format == "" || format == "password")
	hasOwn := d.child(schema, "pattern").Value != "" || len(d.child(schema, "enum").Content) > 0
	switch {
	case !isText || hasOwn:
		return ""
	case d.child(schema, "x-multiline").Value == "true":
		return patternMultiline
	default:
		return patternOneLine
	}
}
