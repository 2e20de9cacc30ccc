package apispec

import (
	"slices"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// sampleOperation has the parts of an operation that samples show: what it requires and returns.
type sampleOperation struct {
	document

	id, method, path string
	public           bool
	parameters       []sampleParameter // those of the path, and the others that are required
	optionNames      []string          // names of parameters in the query, headers or cookies
	body             *sampleBody       // nil for none
	status           string            // of success
	mediaType        string            // of its body; empty for none
	manyTypes        bool              // the service chooses one of several
}

// sampleParameter is a parameter with the value that it has in samples.
type sampleParameter struct {
	name, in, style string
	explode, isJSON bool
	schema, value   *yaml.Node
}

// sampleBody is a body with the value that it has in samples.
type sampleBody struct {
	mediaType     string
	schema, value *yaml.Node
	encoding      *yaml.Node // of the parts of a form
}

// sampleOperations reads the operations in the order of the contract.
func sampleOperations(contract []byte) ([]sampleOperation, error) {
	doc, err := parse(contract)
	if err != nil {
		return nil, err
	}
	var operations []sampleOperation
	for path, item := range yamldoc.Members(doc.At("paths")) {
		for method, spec := range yamldoc.Members(item) {
			if doc.Child(spec, "operationId").Value != "" { // or it is something else that all of the path share
				operations = append(operations, doc.operation(path, method, item, spec))
			}
		}
	}
	return operations, nil
}

func (d document) operation(path, method string, item, spec *yaml.Node) sampleOperation {
	security := d.Child(spec, "security")
	if security == yamldoc.Missing {
		security = d.At("security")
	}
	op := sampleOperation{
		document: d, id: d.Child(spec, "operationId").Value, method: strings.ToUpper(method), path: path,
		public: len(security.Content) == 0,
	}
	own := d.Child(spec, "parameters").Content
	for _, raw := range slices.Concat(d.Child(item, "parameters").Content, own) {
		parameter := d.Resolve(raw)
		in := d.Child(parameter, "in").Value
		if in != "path" {
			op.optionNames = append(op.optionNames, d.Child(parameter, "name").Value)
		}
		if in == "path" || d.Child(parameter, "required").Value == "true" {
			op.parameters = append(op.parameters, d.parameter(parameter))
		}
	}
	op.body = d.body(d.Child(spec, "requestBody", "content"))
	return op.withSuccess(d.Child(spec, "responses"))
}

func (d document) parameter(spec *yaml.Node) sampleParameter {
	p := sampleParameter{
		name: d.Child(spec, "name").Value, in: d.Child(spec, "in").Value, style: d.Child(spec, "style").Value,
		schema: d.RawChild(spec, "schema"),
	}
	if content := d.Child(spec, "content"); len(content.Content) > 1 {
		p.isJSON, p.schema = true, d.RawChild(content.Content[1], "schema")
		spec = content.Content[1]
	}
	if p.style == "" {
		p.style = map[string]string{"query": "form", "cookie": "form", "path": "simple", "header": "simple"}[p.in]
	}
	explode := d.Child(spec, "explode").Value
	p.explode = explode == "true" || explode == "" && p.style == "form"
	p.value = d.exampleOf(spec, p.schema)
	return p
}

// body chooses the media type that samples show: JSON, else a form, else the first.
func (d document) body(content *yaml.Node) *sampleBody {
	var chosen *sampleBody
	for mediaType, media := range yamldoc.Members(content) {
		if chosen == nil || mediaType == mediaTypeJSON || mediaType == mediaTypeMultipart && chosen.mediaType != mediaTypeJSON {
			schema := d.RawChild(media, "schema")
			chosen = &sampleBody{mediaType, schema, d.exampleOf(media, schema), d.Child(media, "encoding")}
		}
	}
	return chosen
}

// withSuccess adds the first successful status, and the media type of its body, preferably JSON.
func (o sampleOperation) withSuccess(responses *yaml.Node) sampleOperation {
	for _, class := range []string{"2", "3"} {
		for status, response := range yamldoc.Members(responses) {
			if o.status != "" || !strings.HasPrefix(status, class) {
				continue
			}
			o.status = status
			content := o.Child(response, "content")
			o.manyTypes = len(content.Content) > 2
			for offered := range yamldoc.Members(content) {
				if o.mediaType == "" || offered == mediaTypeJSON {
					o.mediaType = offered
				}
			}
		}
	}
	return o
}

const (
	mediaTypeJSON      = "application/json"
	mediaTypeMultipart = "multipart/form-data"
	mediaTypeForm      = "application/x-www-form-urlencoded"
	mediaTypeEvents    = "text/event-stream"
)
