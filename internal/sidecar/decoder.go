package sidecar

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A decoder reads one document's nodes and follows its aliases. Documents that are not
// bounded do not reach it.
type decoder struct {
	report   *diagnostics
	source   string
	variable bool   // source is one of the environment, or a service: its values may be secrets
	service  string // source is a document of this bound service
	catalog  bool   // source is the catalog of a buildpack
	text     int    // bytes of text that are kept
}

// A pair is a key of a mapping with its value.
type pair struct {
	key, value *yaml.Node
}

func (w *decoder) at(node *yaml.Node) Position {
	return Position{Source: w.source, Line: node.Line}
}

// from is what no droplet may hold values of: the variable of the app's environment that is
// read, or ServicePrefix and the name of a bound service. It is empty for any other source.
func (w *decoder) from() string {
	switch {
	case w.service != "":
		return ServicePrefix + w.service
	case w.variable:
		return w.source
	default:
		return ""
	}
}

// problem reports what is wrong with a node.
func (w *decoder) problem(node *yaml.Node, what, found, want string) {
	if w.full() {
		return
	}
	w.report.add(Problem{At: w.at(node), What: what, Found: found, Want: want})
}

// unknownKey reports a key that is none of those that are known.
func (w *decoder) unknownKey(key *yaml.Node, what string, known []string, want string) {
	if w.full() {
		return
	}
	w.report.add(Problem{At: w.at(key), What: what, Found: "the key " + describeKey(key), Meant: suggest.Name(key.Value, known), Want: want})
}

// follow is the node that an alias refers to, or the node itself.
func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// countText counts a text that is kept. It is false once the document has come to
// more text than it can hold without repeating some of it.
func (w *decoder) countText(node *yaml.Node) bool {
	if w.full() {
		return false
	}
	w.text += len(node.Value)
	if w.full() {
		w.report.giveUp(w.at(node), fmt.Sprintf("more than %d bytes of text", MaxDocumentSize))
	}
	return !w.full()
}

// full tells that the document was given up on for its text: what seems to be missing has
// most likely not been read.
func (w *decoder) full() bool { return w.text > MaxDocumentSize }

// pairs lists a mapping's keys and values, those merged in with "<<" after its
// own, and reports duplicate keys.
func (w *decoder) pairs(mapping *yaml.Node, what string) []pair {
	var all []pair
	w.collect(mapping, what, &all, map[string]bool{})
	return all
}

// collect adds to all the keys of a mapping that are not there yet. It makes no
// list for each mapping that is merged in: they may be nested deep.
func (w *decoder) collect(mapping *yaml.Node, what string, all *[]pair, known map[string]bool) {
	var merges []*yaml.Node
	first := map[string]int{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := follow(mapping.Content[i]), follow(mapping.Content[i+1])
		if key.ShortTag() == "!!merge" {
			merges = append(merges, value)
			continue
		}
		if line, twice := first[key.Value]; twice && key.Kind == yaml.ScalarNode {
			w.problem(key, what, fmt.Sprintf("the key %s a second time, first on line %d", quoteName(key.Value), line), "each key once")
			continue
		}
		first[key.Value] = key.Line
		if !known[key.Value] || key.Kind != yaml.ScalarNode {
			*all = append(*all, pair{key, value})
		}
	}
	for key := range first {
		known[key] = true
	}
	for _, value := range merges {
		w.merge(value, what, all, known)
	}
}

// merge collects the pairs in the value of a "<<" key: a mapping's pairs, or
// those of each mapping of a list, the first of a name winning.
func (w *decoder) merge(value *yaml.Node, what string, all *[]pair, known map[string]bool) {
	const want = "a mapping to merge"
	switch value.Kind {
	case yaml.MappingNode:
		w.collect(value, what, all, known)
	case yaml.SequenceNode:
		for _, item := range value.Content {
			item = follow(item)
			if item.Kind != yaml.MappingNode {
				w.problem(item, what, notMapping, want)
				continue
			}
			w.collect(item, what, all, known)
		}
	default:
		w.problem(value, what, notMapping, want)
	}
}

// describeKey is describe for the key of a mapping.
func describeKey(node *yaml.Node) string {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!str" {
		return quoteName(node.Value)
	}
	return describe(node)
}

// describe is describe for a place where a variable's whole value may be meant for
// another one.
func (w *decoder) describe(node *yaml.Node) string {
	if w.variable && node.Kind == yaml.ScalarNode && !isNull(node) {
		return "no list and no mapping"
	}
	return describe(node)
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// notMapping is found in the place of a mapping whose values are not quoted.
const notMapping = "no mapping"

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
	case "!!timestamp", "!!binary":
		return node.ShortTag() + " " + quote(node.Value)
	default:
		return "a value with a tag" // which may be the value's beginning, as in !s3cret
	}
}
