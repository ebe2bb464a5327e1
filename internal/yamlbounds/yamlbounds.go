// Package yamlbounds keeps a YAML document from growing in the hands of its reader: a few
// aliases come to billions of values, and one that contains itself has no end.
package yamlbounds

import "gopkg.in/yaml.v3"

// Excess is the value at which a document comes to more than max values once its aliases are
// followed, in the order of the document; nil if it does not. Keys count, and so does each alias
// in addition to the node that it refers to. It visits at most max values.
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
