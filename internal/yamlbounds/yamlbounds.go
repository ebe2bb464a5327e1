// Package yamlbounds detects YAML documents that grow when their aliases are expanded: a few
// aliases can make billions of values, and one that contains itself is endless.
package yamlbounds

import "gopkg.in/yaml.v3"

// Excess returns the value at which a document exceeds max values with expanded aliases, in the
// order of the document; nil if it does not. Keys count, and so does each alias in addition to the
// node that it refers to. It visits at most max values.
func Excess(root *yaml.Node, max int) *yaml.Node {
	_, excess := count(root, max)
	return excess
}

// count returns how many of the remaining values are left behind a node.
func count(node *yaml.Node, remaining int) (int, *yaml.Node) {
	if remaining == 0 {
		return 0, node
	}
	remaining--
	if node.Kind == yaml.AliasNode {
		return count(node.Alias, remaining)
	}
	for _, child := range node.Content {
		var excess *yaml.Node
		if remaining, excess = count(child, remaining); excess != nil {
			return 0, excess
		}
	}
	return remaining, nil
}
