package teamservices

import (
	"fmt"
	"math"

	"gopkg.in/yaml.v3"
)

// maxDepth limits the depth of values: an alias may contain itself, which Decode refuses.
const maxDepth = 100

// describe names the type of a value, and nothing of the value itself, which may be secret.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "a list with items that are not text"
			}
		}
		return "a list"
	case yaml.AliasNode:
		return describe(node.Alias)
	}
	switch node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	default:
		return "text"
	}
}

// describeKeys returns the number of keys of the top-level mapping, or the only key.
func describeKeys(root *yaml.Node) string {
	switch keys := len(root.Content) / 2; keys {
	case 0:
		return "an empty mapping"
	case 1:
		return fmt.Sprintf("the key %q", root.Content[0].Value)
	default:
		return fmt.Sprintf("%d keys", keys)
	}
}

// notJSON returns the first number in a value that JSON cannot express, or nil.
func notJSON(node *yaml.Node, depth int) *yaml.Node {
	var number float64
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!float" && node.Decode(&number) == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
		return node
	}
	if depth > maxDepth {
		return nil
	}
	for _, child := range node.Content {
		if at := notJSON(child, depth+1); at != nil {
			return at
		}
	}
	return nil
}
