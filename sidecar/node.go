package sidecar

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// A walk visits one document's nodes, follows its aliases, and gives up on one
// that grows without end.
type walk struct {
	report  *report
	source  string
	lenient bool // drop unknown keys instead of reporting them
	visited int
}

// A pair is a key of a mapping with its value.
type pair struct {
	key, value *yaml.Node
}

func (w *walk) at(node *yaml.Node) Position {
	return Position{Source: w.source, Line: node.Line}
}

func (w *walk) problem(node *yaml.Node, what, found, want string) {
	w.report.add(Problem{At: w.at(node), What: what, Found: found, Want: want})
}

// enter follows an alias to what it stands for, and counts the visit. It is
// false once the document has come to too many values.
func (w *walk) enter(node *yaml.Node) (*yaml.Node, bool) {
	w.visited++
	if w.visited == maxNodes {
		w.report.add(Problem{
			At: w.at(node), What: "size",
			Found: fmt.Sprintf("more than %d values", maxNodes),
			Want:  "fewer, or aliases that repeat less",
		})
	}
	if w.visited >= maxNodes {
		return nil, false
	}
	if node.Kind == yaml.AliasNode {
		return node.Alias, true
	}
	return node, true
}

// pairs lists a mapping's keys and values, those merged in with "<<" behind its
// own, and reports a key that stands there twice.
func (w *walk) pairs(mapping *yaml.Node, what string) []pair {
	var own, merged []pair
	first := map[string]int{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, ok := w.enter(mapping.Content[i])
		if !ok {
			return nil
		}
		value, ok := w.enter(mapping.Content[i+1])
		if !ok {
			return nil
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, w.merged(value, what)...)
			continue
		}
		if line, twice := first[key.Value]; twice && key.Kind == yaml.ScalarNode {
			w.problem(key, what, fmt.Sprintf("the key %s a second time, first on line %d", quote(key.Value), line), "each key once")
			continue
		}
		first[key.Value] = key.Line
		own = append(own, pair{key, value})
	}
	for _, candidate := range merged {
		if _, known := first[candidate.key.Value]; !known {
			first[candidate.key.Value] = candidate.key.Line
			own = append(own, candidate)
		}
	}
	return own
}

// merged is what the value of a "<<" key brings: a mapping's pairs, or those of
// each mapping of a list, the first of a name winning.
func (w *walk) merged(value *yaml.Node, what string) []pair {
	switch value.Kind {
	case yaml.MappingNode:
		return w.pairs(value, what)
	case yaml.SequenceNode:
		var all []pair
		for _, item := range value.Content {
			item, ok := w.enter(item)
			if !ok {
				return nil
			}
			if item.Kind == yaml.MappingNode {
				all = append(all, w.pairs(item, what)...)
			}
		}
		return all
	default:
		w.problem(value, what, describe(value), "a mapping to merge")
		return nil
	}
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// describe says what a node is in the words that a reader of the file would
// use.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + clip(node.Value)
	case "!!bool":
		return "the boolean " + clip(node.Value)
	case "!!str":
		return quote(node.Value)
	default:
		return clip(node.Tag) + " " + quote(node.Value)
	}
}
