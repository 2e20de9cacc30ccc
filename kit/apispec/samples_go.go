package apispec

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/plinth/kit/internal/goname"
	"example.com/plinth/kit/internal/yamldoc"
)

// golang calls the operation with the Go client. A body without a Go literal is sent as text.
func (o sampleOperation) golang(clients Clients) string {
	o.optionNames = slices.DeleteFunc(slices.Clone(o.optionNames), func(name string) bool { return name == clients.GoWithout })
	w := goWriter{sampleOperation: o, module: clients.Go, client: clients.GoTypes}
	arguments := slices.Concat([]string{"ctx"}, w.pathArguments(), w.options(), w.bodyArguments())
	call := fmt.Sprintf("client.%s%s(%s)", goname.Of(o.id), w.variant, strings.Join(arguments, ", "))
	return strings.Join(w.setup, "") + "response, err := " + call + `
if err != nil {
	return err // a *` + w.module + `.Problem, if the service refused
}
` + w.result() + "\n"
}

// goWriter writes a sample in Go.
type goWriter struct {
	sampleOperation

	module  string   // the package of the client
	client  string   // the package of its generated types
	setup   []string // statements before the call
	variant string   // of the client's method, after the name of the operation
}

// pathArguments are in the order of the path.
func (w *goWriter) pathArguments() []string {
	var inPath []sampleParameter
	for _, parameter := range w.parameters {
		if parameter.in == "path" {
			inPath = append(inPath, parameter)
		}
	}
	slices.SortFunc(inPath, func(a, b sampleParameter) int {
		return cmp.Compare(strings.Index(w.path, "{"+a.name+"}"), strings.Index(w.path, "{"+b.name+"}"))
	})
	arguments := make([]string, len(inPath))
	for i, parameter := range inPath {
		text, ok := w.goValue(parameter.schema, parameter.value, false)
		if !ok {
			text, ok = w.goAnonymous(parameter)
		}
		if !ok {
			text = goQuote(jsonOf(parameter.value))
		}
		arguments[i] = text
	}
	return arguments
}

// options is the argument with the parameters that are not in the path.
func (w *goWriter) options() []string {
	if len(w.optionNames) == 0 {
		return nil
	}
	name := w.client + "." + goname.Of(w.id) + "Params"
	var fields, raw []string
	isLiteral := true
	for _, parameter := range w.parameters {
		if parameter.in != "path" {
			text, ok := w.goValue(parameter.schema, parameter.value, false)
			isLiteral = isLiteral && ok
			fields = append(fields, goname.Of(parameter.name)+": "+text)
			raw = append(raw, strconv.Quote(parameter.name)+": "+jsonOf(parameter.value))
		}
	}
	switch {
	case len(fields) == 0:
		return []string{"nil"}
	case isLiteral:
		return []string{"&" + name + "{" + strings.Join(fields, ", ") + "}"}
	}
	w.setup = append(w.setup, fmt.Sprintf("var params %s\nif err := json.Unmarshal([]byte(%s), &params); err != nil {\n\treturn err\n}\n",
		name, goQuote("{"+strings.Join(raw, ", ")+"}")))
	return []string{"&params"}
}

func (w *goWriter) bodyArguments() []string {
	w.variant = "WithResponse"
	if w.mediaType == mediaTypeEvents {
		w.variant = "" // the other variant waits for the end
	}
	body := w.body
	if body == nil {
		return nil
	}
	if literal, ok := w.goBody(); ok {
		return []string{literal}
	}
	w.variant = "WithBody" + w.variant
	switch {
	case body.mediaType == mediaTypeMultipart:
		w.setup = append(w.setup, w.goForm())
		return []string{"contentType", "form"}
	case w.isBinary(body.schema):
		w.setup = append(w.setup, goOpen("file", fileName("file", body.mediaType)))
		return []string{strconv.Quote(body.mediaType), "file"}
	}
	text := body.value.Value
	switch {
	case isJSON(body.mediaType):
		text = jsonOf(body.value)
	case body.mediaType == mediaTypeForm:
		text = w.encodedForm()
	}
	return []string{strconv.Quote(body.mediaType), "strings.NewReader(" + goQuote(text) + ")"}
}

// goBody writes a JSON body as a literal of the generated type, a member on each line.
func (w *goWriter) goBody() (string, bool) {
	if w.body.mediaType != mediaTypeJSON {
		return "", false
	}
	name := yamldoc.RefName(w.body.schema)
	if name == "" || !w.isStruct(w.body.schema) {
		return w.goValue(w.body.schema, w.body.value, false)
	}
	fields, ok := w.goFields(w.body.schema, w.body.value)
	if !ok {
		return "", false
	}
	longest := 0
	for _, field := range fields {
		longest = max(longest, len(field.name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s{\n", w.client, goname.Of(name))
	for _, field := range fields {
		fmt.Fprintf(&b, "\t%-*s %s,\n", longest+1, field.name+":", field.value)
	}
	return b.String() + "}", true
}

// goForm writes the parts of a multipart form.
func (w *goWriter) goForm() string {
	var files, parts strings.Builder
	for _, part := range w.formParts() {
		fields := "Name: " + strconv.Quote(part.name)
		if part.mediaType != "" {
			fields += ", MediaType: " + strconv.Quote(part.mediaType)
		}
		content := "strings.NewReader(" + goQuote(part.text) + ")"
		if part.file != "" {
			fields += ", FileName: " + strconv.Quote(part.file)
			if content = "file"; part.name != "file" {
				content += goname.Of(part.name)
			}
			files.WriteString(goOpen(content, part.file))
		}
		fmt.Fprintf(&parts, "\t%s.Part{%s, Content: %s},\n", w.module, fields, content)
	}
	return files.String() + "contentType, form := " + w.module + ".Form(\n" + parts.String() + ")\n"
}

func goOpen(variable, file string) string {
	return fmt.Sprintf("%s, err := os.Open(%q)\nif err != nil {\n\treturn err\n}\ndefer %[1]s.Close()\n", variable, file)
}

// encodedForm is a body of the media type application/x-www-form-urlencoded.
func (w *goWriter) encodedForm() string {
	var parts []string
	for _, part := range w.formParts() {
		parts = append(parts, url.QueryEscape(part.name)+"="+url.QueryEscape(part.text))
	}
	return strings.Join(parts, "&")
}

// result prints what came back.
func (w *goWriter) result() string {
	switch {
	case w.mediaType == mediaTypeJSON && !w.manyTypes:
		return "fmt.Printf(\"%+v\\n\", *response.JSON" + w.status + ")"
	case w.mediaType == mediaTypeEvents:
		return "defer response.Body.Close()\nif _, err := io.Copy(os.Stdout, response.Body); err != nil {\n\treturn err\n}"
	case w.mediaType != "":
		return "fmt.Println(string(response.Body))"
	}
	return "fmt.Println(response.Status())"
}
