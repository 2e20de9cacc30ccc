package api

import (
	"bytes"
	_ "embed" // for the overlay
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// CodeSample shows how a program in one language calls an operation, as the contract's extension x-codeSamples.
type CodeSample struct {
	Lang   string
	Source string
}

// CodeSamples returns the samples of each operation by its operationId. They are made from the first example of the
// request, so that nobody has to keep them.
func CodeSamples() (map[string][]CodeSample, error) {
	operations, err := sampleOperations()
	if err != nil {
		return nil, err
	}
	samples := make(map[string][]CodeSample, len(operations))
	for _, op := range operations {
		samples[op.id] = []CodeSample{{"Shell", op.curl()}, {"TypeScript", op.typescript()}, {"Go", op.golang()}}
	}
	return samples, nil
}

// withSamples returns the contract as written, with code samples below the name of each operation.
func withSamples() ([]byte, error) {
	samples, err := CodeSamples()
	if err != nil {
		return nil, err
	}
	return operationIDLine.ReplaceAllFunc(OpenAPI, func(line []byte) []byte {
		match := operationIDLine.FindSubmatch(line)
		out := bytes.NewBuffer(bytes.Clone(line))
		indent := string(match[1])
		fmt.Fprintf(out, "%sx-codeSamples:\n", indent)
		for _, sample := range samples[string(match[2])] {
			fmt.Fprintf(out, "%s  - lang: %s\n%s    source: |\n", indent, sample.Lang, indent)
			for line := range strings.Lines(sample.Source) {
				out.WriteString(strings.TrimRight(indent+"      "+line, " \n") + "\n")
			}
		}
		return out.Bytes()
	}), nil
}

var operationIDLine = regexp.MustCompile(`(?m)^( +)operationId: (\w+)\n`)

// sampleOperation is what the samples show of an operation.
type sampleOperation struct {
	id, method, path string
	public           bool
	pathParameters   []sampleParameter
	hasOptions       bool // parameters in the query or the header
	bodySchema       string
	body             []sampleMember
	status           string // of success
	mediaType        string // of its body; empty for none
}

type sampleParameter struct{ name, example string }

// sampleMember is a member of the first example of a request.
type sampleMember struct {
	name     string
	value    *yaml.Node
	enum     string // the schema of its values, if that is a list of them
	required bool
	nullable bool // can be absent, null or a value, each of which means something else
}

// sampleOperations reads the operations in the order of the contract.
func sampleOperations() ([]sampleOperation, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(OpenAPI, &root); err != nil {
		return nil, fmt.Errorf("parsing the contract: %w", err)
	}
	doc := document{root.Content[0]}
	var operations []sampleOperation
	for path, item := range members(doc.at("paths")) {
		shared := doc.child(item, "parameters").Content
		for method, spec := range members(item) {
			if doc.child(spec, "operationId").Value != "" { // or it is something else that all of the path share
				operations = append(operations, doc.operation(path, method, spec, shared))
			}
		}
	}
	return operations, nil
}

// document finds its way in a contract that has been validated elsewhere: what is missing is empty.
type document struct{ root *yaml.Node }

func (d document) operation(path, method string, spec *yaml.Node, shared []*yaml.Node) sampleOperation {
	op := sampleOperation{
		id: d.child(spec, "operationId").Value, method: strings.ToUpper(method), path: path,
		public: len(d.child(spec, "security").Content) == 0,
	}
	for _, parameter := range slices.Concat(shared, d.child(spec, "parameters").Content) {
		parameter = d.resolve(parameter)
		if d.child(parameter, "in").Value != "path" {
			op.hasOptions = true
			continue
		}
		op.pathParameters = append(op.pathParameters,
			sampleParameter{d.child(parameter, "name").Value, d.child(parameter, "example").Value})
	}
	media := d.child(spec, "requestBody", "content", "application/json")
	op.bodySchema = refName(d.rawChild(media, "schema"))
	op.body = d.exampleMembers(op.bodySchema, d.child(media, "examples"))
	for status, response := range members(d.child(spec, "responses")) {
		if strings.HasPrefix(status, "2") {
			op.status = status
			for mediaType := range members(d.child(response, "content")) {
				op.mediaType = mediaType
			}
			break
		}
	}
	return op
}

// exampleMembers returns the members of the first example in the words of its schema.
func (d document) exampleMembers(schemaName string, examples *yaml.Node) []sampleMember {
	if len(examples.Content) == 0 {
		return nil
	}
	schema := d.at("components", "schemas", schemaName)
	required := map[string]bool{}
	for _, name := range d.child(schema, "required").Content {
		required[name.Value] = true
	}
	var found []sampleMember
	for name, value := range members(d.child(d.resolve(examples.Content[1]), "value")) {
		property := d.rawChild(d.child(schema, "properties"), name)
		member := sampleMember{
			name: name, value: value, required: required[name],
			nullable: bytes.Contains(clientOverlay, []byte(schemaName+".properties."+name+"\n")),
		}
		if len(d.child(property, "enum").Content) > 0 {
			member.enum = refName(property)
		}
		found = append(found, member)
	}
	return found
}

// clientOverlay says which members are nullable.Nullable in the Go client.
//
//go:embed overlay.client.yaml
var clientOverlay []byte

var nothing = &yaml.Node{}

// at returns the node at a path from the root.
func (d document) at(path ...string) *yaml.Node { return d.child(d.root, path...) }

// child returns the node at a path below another, references resolved.
func (d document) child(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		node = d.resolve(d.rawChild(d.resolve(node), name))
	}
	return node
}

func (document) rawChild(node *yaml.Node, name string) *yaml.Node {
	for key, value := range members(node) {
		if key == name {
			return value
		}
	}
	return nothing
}

func (d document) resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return d.resolve(node.Alias)
	}
	ref := d.rawChild(node, "$ref").Value
	if ref == "" {
		return node
	}
	return d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

// refName returns the last step of a reference.
func refName(node *yaml.Node) string {
	ref := document{}.rawChild(node, "$ref").Value
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// members yields the keys and values of a mapping.
func members(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}
