package apigen

import (
	"cmp"
	"slices"
	"strconv"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// sortResponses sorts by status, default last.
func sortResponses(responses *yaml.Node) {
	type member struct{ key, value *yaml.Node }
	var all []member
	for i := 0; i+1 < len(responses.Content); i += 2 {
		all = append(all, member{responses.Content[i], responses.Content[i+1]})
	}
	slices.SortStableFunc(all, func(a, b member) int { return cmp.Compare(a.key.Value, b.key.Value) })
	responses.Content = responses.Content[:0]
	for _, m := range all {
		responses.Content = append(responses.Content, m.key, m.value)
	}
}

// set sets a member of a mapping.
func set(node *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			node.Content[i+1] = value
			return
		}
	}
	key := yamldoc.Scalar(name)
	if _, err := strconv.Atoi(name); err == nil {
		key = yamldoc.Quoted(name)
	}
	node.Content = append(node.Content, key, value)
}

// remove removes a member of a mapping.
func remove(node *yaml.Node, name string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			node.Content = slices.Delete(node.Content, i, i+2)
			return
		}
	}
}

// dropComments removes comments, which are for the authors of the contract.
func dropComments(node *yaml.Node) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	for _, child := range node.Content {
		dropComments(child)
	}
}
