package apispec

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// document finds its way in a contract that has been validated elsewhere: what is missing is empty.
type document struct{ root *yaml.Node }

// parse reads a contract and replaces its aliases by what they stand for, so that a change of one place changes no other.
func parse(contract []byte) (document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(contract, &root); err != nil {
		return document{}, fmt.Errorf("parsing the contract: %w", err)
	}
	if len(root.Content) == 0 {
		return document{}, errors.New("parsing the contract: it is empty")
	}
	return document{expand(root.Content[0])}, nil
}

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
