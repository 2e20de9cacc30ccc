package apispec

import (
	"regexp"
	"slices"
	"strings"

	"github.com/oapi-codegen/runtime"
	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// curl calls the operation from a shell, with the URL of the service in $API and the access token
// in $TOKEN. Files are in the working directory.
func (o sampleOperation) curl() string {
	command := "curl --fail-with-body"
	if o.method != "GET" {
		command += " --request " + o.method
	}
	lines := slices.Concat([]string{command + ` "$API` + o.target() + `"`}, o.curlHeaders(), o.curlBody(), o.curlOutput())
	return strings.Join(lines, " \\\n  ") + "\n"
}

// target is the path with its parameters, and the query.
func (o sampleOperation) target() string {
	path, query := o.path, []string{}
	for _, parameter := range o.parameters {
		switch parameter.in {
		case "path":
			path = strings.ReplaceAll(path, "{"+parameter.name+"}", parameter.text())
		case "query":
			query = append(query, parameter.text())
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	return forShell.Replace(path)
}

// forShell escapes the characters of URLs that have a meaning for shells or curl.
var forShell = strings.NewReplacer("$", "%24", "`", "%60", " ", "%20", "|", "%7C", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D")

// text writes a parameter in its style, escaped as its place needs.
func (p sampleParameter) text() string {
	value := decoded(p.value)
	if p.isJSON || value == nil {
		value = jsonOf(p.value)
	}
	text, err := runtime.StyleParamWithOptions(p.style, p.explode, p.name, value, runtime.StyleParamOptions{
		ParamLocation: map[string]runtime.ParamLocation{
			"path": runtime.ParamLocationPath, "query": runtime.ParamLocationQuery,
			"header": runtime.ParamLocationHeader, "cookie": runtime.ParamLocationCookie,
		}[p.in],
	})
	if err != nil {
		return jsonOf(p.value) // not of a contract that the server takes
	}
	return text
}

func (o sampleOperation) curlHeaders() []string {
	var options []string
	if !o.public {
		options = append(options, `--header "Authorization: Bearer $TOKEN"`)
	}
	for _, parameter := range o.parameters {
		switch parameter.in {
		case "header":
			options = append(options, "--header "+quoteShell(parameter.name+": "+parameter.text()))
		case "cookie":
			options = append(options, "--cookie "+quoteShell(parameter.text()))
		}
	}
	return options
}

func (o sampleOperation) curlBody() []string {
	if o.body == nil {
		return nil
	}
	switch o.body.mediaType {
	case mediaTypeMultipart:
		var options []string
		for _, part := range o.formParts() {
			options = append(options, part.curl())
		}
		return options
	case mediaTypeForm:
		var options []string
		for _, part := range o.formParts() {
			options = append(options, "--data-urlencode "+quoteShell(part.name+"="+part.text))
		}
		return options
	}
	data := "--data-binary @" + fileName("file", o.body.mediaType)
	switch {
	case isJSON(o.body.mediaType):
		data = "--data " + quoteShell(jsonOf(o.body.value))
	case !o.isBinary(o.body.schema):
		data = "--data-raw " + quoteShell(o.body.value.Value)
	}
	return []string{"--header " + quoteShell("Content-Type: "+o.body.mediaType), data}
}

func (o sampleOperation) curlOutput() []string {
	switch {
	case o.mediaType == mediaTypeEvents:
		return []string{"--no-buffer"}
	case o.mediaType != "" && !isJSON(o.mediaType) && !strings.HasPrefix(o.mediaType, "text/"):
		return []string{"--output " + fileName("file", o.mediaType)}
	}
	return nil
}

// formPart is a part of a form: a text, or a file of that name.
type formPart struct{ name, mediaType, file, text string }

func (o sampleOperation) formParts() []formPart {
	var parts []formPart
	for name, value := range yamldoc.Members(o.body.value) {
		schema := o.property(o.body.schema, name)
		values := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			values, schema = value.Content, o.RawChild(o.Resolve(schema), "items")
		}
		mediaType, _, _ := strings.Cut(o.Child(o.body.encoding, name, "contentType").Value, ",")
		for _, value := range values {
			part := formPart{name: name, mediaType: mediaType, text: value.Value}
			switch {
			case o.isBinary(schema):
				part.file = fileName(name, mediaType)
			case value.Kind == yaml.MappingNode:
				part.text, part.mediaType = jsonOf(value), mediaTypeJSON
			}
			parts = append(parts, part)
		}
	}
	return parts
}

func (p formPart) curl() string {
	option, mediaType := "--form "+p.name+"=", ""
	if p.mediaType != "" {
		mediaType = ";type=" + p.mediaType
	}
	switch {
	case p.file != "":
		return option + quoteShell("@"+p.file+mediaType)
	case p.mediaType == "":
		return "--form-string " + quoteShell(p.name+"="+p.text)
	}
	text := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.text)
	return "--form " + quoteShell(p.name+`="`+text+`"`+mediaType)
}

// property returns the schema of a member, references not resolved.
func (d document) property(schema *yaml.Node, name string) *yaml.Node {
	schema = d.Resolve(schema)
	if property := d.RawChild(d.Child(schema, "properties"), name); property != yamldoc.Missing {
		return property
	}
	for _, part := range d.Child(schema, "allOf").Content {
		if property := d.property(part, name); property != yamldoc.Missing {
			return property
		}
	}
	return yamldoc.Missing
}

func (d document) isBinary(schema *yaml.Node) bool {
	return d.Child(schema, "format").Value == "binary"
}

func isJSON(mediaType string) bool {
	return mediaType == mediaTypeJSON || strings.HasSuffix(mediaType, "+json")
}

var plainSubtype = regexp.MustCompile(`/([a-z0-9]{2,5})$`)

// fileName is a name for a file of a media type.
func fileName(name, mediaType string) string {
	if match := plainSubtype.FindStringSubmatch(mediaType); match != nil {
		return name + "." + match[1]
	}
	return name + ".bin"
}

func quoteShell(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
