package apispec

import (
	"fmt"
	"slices"
	"strings"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// Publish returns the form of a contract that the service publishes, in YAML: with code samples,
// open responses (see [OpenResponses]) and the patterns and servers that clients need.
func Publish(contract []byte, clients Clients) ([]byte, error) {
	doc, err := parse(contract)
	if err != nil {
		return nil, err
	}
	doc.addSamples(clients)
	if err := (opener{doc}).openResponses(); err != nil {
		return nil, err
	}
	doc.completeRequests()
	return doc.Write()
}

// OpenResponses returns a contract in YAML whose responses are open: they may get members and enum
// values that older clients do not know. In schemas of responses an enum of more than one value
// becomes x-extensible-enum, and additionalProperties: false is removed. Requests stay closed: a
// schema that responses share with requests is duplicated, and the closed copy gets the suffix
// "Input".
func OpenResponses(contract []byte) ([]byte, error) {
	doc, err := parse(contract)
	if err != nil {
		return nil, err
	}
	if err := (opener{doc}).openResponses(); err != nil {
		return nil, err
	}
	return doc.Write()
}

// opener opens the responses of a contract.
type opener struct{ document }

func (o opener) openResponses() error {
	requests, responses := o.sides()
	requestRefs, responseRefs := o.reach(requests), o.reach(responses)
	if err := o.splitShared(requests, requestRefs, responseRefs); err != nil {
		return err
	}
	for _, response := range responses {
		open(response)
	}
	for ref := range responseRefs {
		open(o.target(ref))
	}
	return nil
}

// sides returns the nodes of requests and of responses.
func (o opener) sides() (requests, responses []*yaml.Node) {
	for _, path := range yamldoc.Members(o.At("paths")) {
		requests = append(requests, o.RawChild(path, "parameters"))
		for _, operation := range yamldoc.Members(path) {
			requests = append(requests, o.RawChild(operation, "parameters"), o.RawChild(operation, "requestBody"))
			for _, response := range yamldoc.Members(o.RawChild(operation, "responses")) {
				responses = append(responses, response)
			}
		}
	}
	return requests, responses
}

// reach returns the references that lead, over any number of steps, from the nodes.
func (o opener) reach(nodes []*yaml.Node) map[string]bool {
	found := map[string]bool{}
	for _, node := range nodes {
		o.follow(node, found)
	}
	return found
}

func (o opener) follow(node *yaml.Node, found map[string]bool) {
	walk(node, func(object *yaml.Node) {
		for ref := range refs(object) {
			if !found[ref.Value] {
				found[ref.Value] = true
				o.follow(o.target(ref.Value), found)
			}
		}
	})
}

// target returns the node that a reference names.
func (o opener) target(ref string) *yaml.Node {
	node := o.Root
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		node = o.RawChild(node, step)
	}
	return node
}

// splitShared gives requests a closed copy of each schema that responses share with them and that
// opening changes.
func (o opener) splitShared(requests []*yaml.Node, requestRefs, responseRefs map[string]bool) error {
	const schemas, suffix = "#/components/schemas/", "Input"
	renamed := map[string]string{}
	for ref := range requestRefs {
		if responseRefs[ref] && strings.HasPrefix(ref, schemas) && o.isClosed(ref) {
			renamed[ref] = ref + suffix
		}
	}
	list := o.At("components", "schemas")
	for i := 0; i < len(list.Content); i += 2 {
		name, schema := list.Content[i], list.Content[i+1]
		closed, ok := renamed[schemas+name.Value]
		if !ok {
			continue
		}
		if o.target(closed) != yamldoc.Missing {
			return fmt.Errorf("schema %s%s: the published contract needs this name for %s in requests", name.Value, suffix, name.Value)
		}
		copied := yamldoc.Copy(schema)
		requests = append(requests, copied)
		list.Content = slices.Insert(list.Content, i+2, &yaml.Node{Kind: yaml.ScalarNode, Value: name.Value + suffix}, copied)
		i += 2
	}
	for ref := range requestRefs {
		if !responseRefs[ref] {
			requests = append(requests, o.target(ref))
		}
	}
	for _, request := range requests {
		walk(request, func(object *yaml.Node) {
			for ref := range refs(object) {
				if closed, ok := renamed[ref.Value]; ok {
					ref.Value = closed
				}
			}
		})
	}
	return nil
}

// isClosed reports whether opening would change what a reference leads to.
func (o opener) isClosed(ref string) bool {
	closed := false
	leads := o.reach([]*yaml.Node{o.target(ref)})
	leads[ref] = true
	for ref := range leads {
		walk(o.target(ref), func(object *yaml.Node) {
			for key, value := range yamldoc.Members(object) {
				closed = closed || isExtensible(key, value) || forbidsMembers(key, value)
			}
		})
	}
	return closed
}

// open opens all schemas below a node.
func open(node *yaml.Node) {
	walk(node, func(object *yaml.Node) {
		for i := 0; i < len(object.Content); i += 2 {
			switch key, value := object.Content[i], object.Content[i+1]; {
			case isExtensible(key.Value, value):
				key.Value = "x-extensible-enum"
			case forbidsMembers(key.Value, value):
				object.Content = slices.Delete(object.Content, i, i+2)
				i -= 2
			}
		}
	})
}

// isExtensible reports whether a member of a schema is an enum of more than one value. An enum of
// one value is a constant, such as the discriminator of a oneOf.
func isExtensible(key string, value *yaml.Node) bool {
	values := slices.DeleteFunc(slices.Clone(value.Content), func(v *yaml.Node) bool { return v.ShortTag() == "!!null" })
	return key == "enum" && value.Kind == yaml.SequenceNode && len(values) > 1
}

func forbidsMembers(key string, value *yaml.Node) bool {
	return key == "additionalProperties" && value.Value == "false"
}

// walk calls visit with a node and each object of the contract below it, and skips examples. The
// names in maps such as properties are not keywords, so these maps are not visited themselves.
func walk(node *yaml.Node, visit func(*yaml.Node)) {
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			walk(item, visit)
		}
		return
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	visit(node)
	for key, value := range yamldoc.Members(node) {
		switch key {
		case "example", "examples", "default", "enum":
		case "properties", "headers", "content", "encoding", "responses":
			for _, child := range yamldoc.Members(value) {
				walk(child, visit)
			}
		default:
			walk(value, visit)
		}
	}
}

// refs yields the references of an object, those of a discriminator's mapping among them.
func refs(object *yaml.Node) func(yield func(*yaml.Node) bool) {
	return func(yield func(*yaml.Node) bool) {
		for key, value := range yamldoc.Members(object) {
			if key == "$ref" && !yield(value) {
				return
			}
			if key != "mapping" {
				continue
			}
			for _, target := range yamldoc.Members(value) {
				if strings.HasPrefix(target.Value, "#/") && !yield(target) {
					return
				}
			}
		}
	}
}
