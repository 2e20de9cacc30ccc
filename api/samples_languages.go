package api

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	yaml "github.com/oasdiff/yaml3"
)

// curl calls the operation from a shell, with the service in $API and the access token in $TOKEN.
func (o sampleOperation) curl() string {
	command := "curl --fail-with-body"
	if o.method != "GET" {
		command += " --request " + o.method
	}
	path := o.path
	for _, parameter := range o.pathParameters {
		path = strings.ReplaceAll(path, "{"+parameter.name+"}", parameter.example)
	}
	command += ` "$API` + path + `"`
	if !o.public {
		command += " \\\n  --header \"Authorization: Bearer $TOKEN\""
	}
	if o.body != nil {
		quoted := strings.ReplaceAll(o.json(), "'", `'\''`)
		command += " \\\n  --header 'Content-Type: application/json' \\\n  --data '" + quoted + "'"
	}
	return command + "\n"
}

// json returns the body on one line.
func (o sampleOperation) json() string {
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true))
	object := &yaml.Node{Kind: yaml.MappingNode}
	for _, member := range o.body {
		object.Content = append(object.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: member.name}, member.value)
	}
	if err := writeNode(enc, object); err != nil {
		return "{}" // not of a contract that could be written in JSON
	}
	return strings.TrimSpace(out.String())
}

// golang calls the operation with the client of clients/go.
func (o sampleOperation) golang() string {
	arguments := []string{"ctx"}
	for _, parameter := range o.pathParameters {
		arguments = append(arguments, strconv.Quote(parameter.example))
	}
	if o.hasOptions {
		arguments = append(arguments, "nil")
	}
	if o.body != nil {
		arguments = append(arguments, o.goBody())
	}
	result := "fmt.Println(response.Status())"
	switch {
	case o.mediaType == "application/json":
		result = "fmt.Printf(\"%+v\\n\", *response.JSON" + o.status + ")"
	case o.mediaType != "":
		result = "fmt.Println(string(response.Body))"
	}
	return fmt.Sprintf(`response, err := client.%sWithResponse(%s)
if err != nil {
	return err // a *plinth.Problem, if the service refused
}
%s
`, goName(o.id), strings.Join(arguments, ", "), result)
}

func (o sampleOperation) goBody() string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiclient.%s{\n", o.bodySchema)
	longest := 0
	for _, member := range o.body {
		longest = max(longest, len(goName(member.name)))
	}
	for _, member := range o.body {
		fmt.Fprintf(&b, "\t%-*s %s,\n", longest+1, goName(member.name)+":", member.goValue())
	}
	return b.String() + "}"
}

func (m sampleMember) goValue() string {
	value := m.value.Value
	if m.value.ShortTag() == "!!str" {
		value = strconv.Quote(value)
	}
	if m.enum != "" {
		value = "apiclient." + m.enum + "(" + value + ")"
	}
	switch {
	case m.nullable && m.value.ShortTag() == "!!null":
		return "nullable.NewNullNullable[string]()"
	case m.nullable:
		return "nullable.NewNullableWithValue(" + value + ")"
	case m.required:
		return value
	default:
		return "new(" + value + ")"
	}
}

// goName writes a name of the contract as the generated code does.
func goName(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word == "id" || word == "ip" || word == "url" {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
