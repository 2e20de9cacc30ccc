package api

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
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
	parts := make([]string, len(o.body))
	for i, member := range o.body {
		parts[i] = strconv.Quote(member.name) + ": " + member.json()
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// json returns the value on one line.
func (m sampleMember) json() string {
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true))
	if err := writeNode(enc, m.value); err != nil {
		return "null" // not of a contract that could be written in JSON
	}
	return strings.TrimSpace(out.String())
}

// typescript calls the operation with the client of clients/typescript.
func (o sampleOperation) typescript() string {
	options := []string{"client"}
	if len(o.pathParameters) > 0 {
		var path []string
		for _, parameter := range o.pathParameters {
			path = append(path, parameter.name+": "+strconv.Quote(parameter.example))
		}
		options = append(options, "path: { "+strings.Join(path, ", ")+" }")
	}
	if o.body != nil {
		var body []string
		for _, member := range o.body {
			body = append(body, member.name+": "+member.json())
		}
		options = append(options, "body: { "+strings.Join(body, ", ")+" }")
	}
	name := o.id
	call := fmt.Sprintf("await %s({ %s });", name, strings.Join(options, ", "))
	if len(call) > 100 {
		call = fmt.Sprintf("await %s({\n  %s,\n});", name, strings.Join(options, ",\n  "))
	}
	if o.mediaType != "" {
		call = "const { data } = " + call + "\nconsole.log(data);"
	}
	return fmt.Sprintf("import { %s } from \"@plinth/client\";\n\n%s\n", name, call)
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

// goWord is a word of a name: user_id and userId have the same two.
var goWord = regexp.MustCompile(`[A-Z]?[a-z0-9]+|[A-Z]+`)

// goInitialisms are those of oapi-codegen, and those that oapi-codegen.client.yaml adds.
var goInitialisms = strings.Fields(`ACL AMQP API ASCII CPU CSS DB DNS EOF GID GUID HTML HTTP HTTPS ID IP JSON JWKS QPS RAM RPC
	RTP SIP SLA SMTP SQL SSH TCP TLS TS TTL UDP UI UID ULID URI URL UTF8 UUID VM XML XMPP XSRF XSS`)

// goName writes a name of the contract as the generated code does: getJsonWebKeySet is GetJSONWebKeySet.
func goName(name string) string {
	var b strings.Builder
	for _, word := range goWord.FindAllString(name, -1) {
		if upper := strings.ToUpper(word); slices.Contains(goInitialisms, upper) {
			b.WriteString(upper)
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
