// Package yamldoc reads and edits YAML documents with JSON references, such as contracts in
// OpenAPI, and keeps the order of their members. What is missing is [Missing], so that paths need
// no checks: documents are validated elsewhere.
//
// It must not know OpenAPI.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// Document is a document by its outermost node.
type Document struct{ Root *yaml.Node }

// Missing is the node of what a document does not have.
var Missing = &yaml.Node{} //nolint:gochecknoglobals // compared by identity

// Parse reads a document and replaces aliases by copies, so that a change of one node changes no
// other.
func Parse(text []byte) (Document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return Document{}, fmt.Errorf("parsing the contract: %w", err)
	}
	if len(root.Content) == 0 {
		return Document{}, errors.New("parsing the contract: it is empty")
	}
	return Document{Copy(root.Content[0])}, nil
}

// Write returns the document in YAML.
func (d Document) Write() ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(d.Root); err != nil {
		return nil, fmt.Errorf("writing the contract: %w", err)
	}
	return out.Bytes(), nil
}

// At returns the node at a path from the root.
func (d Document) At(path ...string) *yaml.Node { return d.Child(d.Root, path...) }

// Child returns the node at a path below another, references resolved.
func (d Document) Child(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		node = d.Resolve(d.RawChild(d.Resolve(node), name))
	}
	return node
}

// RawChild returns a member of a mapping as it is, be it a reference.
func (Document) RawChild(node *yaml.Node, name string) *yaml.Node {
	for key, value := range Members(node) {
		if key == name {
			return value
		}
	}
	return Missing
}

// Resolve returns the node that a reference leads to, and any other node as it is.
func (d Document) Resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return d.Resolve(node.Alias)
	}
	ref := d.RawChild(node, "$ref").Value
	if ref == "" {
		return node
	}
	return d.At(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

// RefName returns the last step of a reference, or "" if node is none.
func RefName(node *yaml.Node) string {
	ref := Document{}.RawChild(node, "$ref").Value
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// Members yields the keys and values of a mapping.
func Members(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
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

// Copy returns a copy of a node in which copies replace aliases.
func Copy(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return Copy(node.Alias)
	}
	copied := *node
	copied.Anchor = ""
	copied.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		copied.Content[i] = Copy(child)
	}
	return &copied
}

// Scalar returns a node with a plain value, whose type follows from how it looks.
func Scalar(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

// Text returns a node with a text, whatever it looks like.
func Text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// Quoted returns a node with a text in quotation marks.
func Quoted(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: yaml.DoubleQuotedStyle}
}

// Mapping returns a node with members: keys and values alternate.
func Mapping(members ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: members}
}

// Reference returns a reference to a component.
func Reference(kind, name string) *yaml.Node {
	return Mapping(Scalar("$ref"), Quoted("#/components/"+kind+"/"+name))
}
