package sidecar

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A decoder reads the nodes of one document, and follows its aliases. Documents that expand too far
// never reach it.
type decoder struct {
	report   *diagnostics
	source   string
	variable bool   // source is a variable of the environment, or a service: values may be secrets
	service  string // the bound service that source comes from
	catalog  bool   // source is a buildpack's catalog
	text     int    // bytes of text kept so far
}

// A pair is a key of a mapping with its value.
type pair struct {
	key, value *yaml.Node
}

func (w *decoder) at(node *yaml.Node) Position {
	return Position{Source: w.source, Line: node.Line}
}

// from identifies a source whose values must not be in a droplet: the variable of the app's
// environment, or ServicePrefix and the name of a bound service. It is empty for any other source.
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

// unknownKey reports a key that is not among the known ones.
func (w *decoder) unknownKey(key *yaml.Node, what string, known []string, want string) {
	if w.full() {
		return
	}
	w.report.add(Problem{At: w.at(key), What: what, Found: "the key " + describeKey(key), Meant: suggest.Name(key.Value, known), Want: want})
}

// follow returns the node that an alias refers to, or the node itself.
func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// countText counts a text that is kept. It returns false once the document has more text than it
// could contain without repetition.
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

// full reports whether reading stopped because of too much text: anything that seems to be missing
// has most likely not been read.
func (w *decoder) full() bool { return w.text > MaxDocumentSize }

// pairs lists a mapping's keys and values, followed by those merged in with "<<", and reports
// duplicate keys.
func (w *decoder) pairs(mapping *yaml.Node, what string) []pair {
	var all []pair
	w.collect(mapping, what, &all, map[string]bool{})
	return all
}

// collect appends to all the keys of a mapping that it does not have yet. It makes no list for each
// merged mapping, since these may be nested deeply.
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

// merge collects the pairs in the value of a "<<" key: those of one mapping, or of each mapping in
// a list. The first pair with a name wins.
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

// describe is the function describe for a value that may be the whole text of a variable, meant for
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

// notMapping describes anything but a mapping if its values must not be quoted.
const notMapping = "no mapping"

// describe says what a node is, in the words of someone who reads the file.
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
		return "a value with a tag" // the tag may be the beginning of the value, as in !s3cret
	}
}
