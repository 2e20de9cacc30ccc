package apispec

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	yaml "github.com/oasdiff/yaml3"
)

// JSON converts a contract in YAML to JSON and keeps the order of its members, which YAML-to-JSON
// libraries sort: readers and generators depend on the order.
func JSON(contract []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(contract, &document); err != nil {
		return nil, fmt.Errorf("parsing the contract: %w", err)
	}
	var out bytes.Buffer
	if err := writeNode(jsontext.NewEncoder(&out, jsontext.WithIndent("  ")), &document); err != nil {
		return nil, fmt.Errorf("converting the contract to JSON: %w", err)
	}
	return out.Bytes(), nil
}

func writeNode(enc *jsontext.Encoder, node *yaml.Node) error {
	switch node.Kind {
	case yaml.DocumentNode:
		return writeNode(enc, node.Content[0])
	case yaml.AliasNode:
		return writeNode(enc, node.Alias)
	case yaml.MappingNode:
		return writeObject(enc, node.Content)
	case yaml.SequenceNode:
		return writeArray(enc, node.Content)
	case yaml.ScalarNode:
		return writeScalar(enc, node)
	default:
		return fmt.Errorf("line %d: unknown kind of node %d", node.Line, node.Kind)
	}
}

// writeObject writes keys and values, which alternate. A duplicate key is an error of the encoder.
func writeObject(enc *jsontext.Encoder, members []*yaml.Node) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i := 0; i < len(members); i += 2 {
		key, value := members[i], members[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			return fmt.Errorf("line %d: a key must be a plain one", key.Line)
		}
		if err := enc.WriteToken(jsontext.String(key.Value)); err != nil {
			return fmt.Errorf("line %d: %w", key.Line, err)
		}
		if err := writeNode(enc, value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

func writeArray(enc *jsontext.Encoder, items []*yaml.Node) error {
	if err := enc.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for _, item := range items {
		if err := writeNode(enc, item); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndArray)
}

func writeScalar(enc *jsontext.Encoder, node *yaml.Node) error {
	switch node.ShortTag() {
	case "!!str", "!!timestamp": // JSON has no times; YAML's look like the text they are
		return enc.WriteToken(jsontext.String(node.Value))
	default:
		var value any
		if err := node.Decode(&value); err != nil {
			return fmt.Errorf("line %d: %w", node.Line, err)
		}
		if err := json.MarshalEncode(enc, value); err != nil {
			return fmt.Errorf("line %d: %w", node.Line, err)
		}
		return nil
	}
}
