package sidecar

import (
	"cmp"
	"slices"

	"gopkg.in/yaml.v3"
)

// parse reads the sidecars of one document.
func (r *diagnostics) parse(source Source) []declaration {
	root := r.load(source)
	if root == nil {
		return nil
	}
	w := &decoder{report: r, source: source.Name, variable: source.Variable || source.Service != "", service: source.Service}
	return w.declarations(w.list(root))
}

// list finds the list of sidecars in a document: the value of its only key, or the document itself.
func (w *decoder) list(root *yaml.Node) *yaml.Node {
	if root.Kind != yaml.MappingNode {
		return root
	}
	var list *yaml.Node
	found := false
	for _, p := range w.pairs(root, "document") {
		if p.key.Value == "sidecars" {
			list, found = p.value, true
			continue
		}
		w.unknownKey(p.key, "document", []string{"sidecars"}, "the one key sidecars")
	}
	if !found {
		w.problem(root, "document", "no key sidecars", "the key sidecars with a list below it")
	}
	return list
}

func (w *decoder) declarations(list *yaml.Node) []declaration {
	if list == nil || isNull(list) {
		return nil
	}
	if list.Kind != yaml.SequenceNode {
		w.problem(list, "sidecars", w.describe(list), "a list, each item starting with - name:")
		return nil
	}
	var declarations []declaration
	first := map[string]Position{}
	for _, item := range list.Content {
		item = follow(item)
		read, ok := w.declaration(item)
		if !ok {
			continue
		}
		if earlier, twice := first[read.Name]; twice {
			w.problem(item, read.label(), "the name a second time, first at "+earlier.String(), "a name of its own for each sidecar")
			continue
		}
		first[read.Name] = read.At
		declarations = append(declarations, read)
	}
	return declarations
}

// declaration reads one sidecar. If that has no name, only the missing name is reported.
func (w *decoder) declaration(item *yaml.Node) (declaration, bool) {
	const what = "sidecar"
	if item.Kind != yaml.MappingNode {
		w.problem(item, what, w.describe(item), "a mapping with the key name")
		return declaration{}, false
	}
	pairs := w.pairs(item, what)
	read := newDeclaration("")
	read.At = w.at(item)
	named, stated := false, false
	for _, p := range pairs {
		if p.key.Value == nameKey {
			stated = true
			read.Name, named = w.readText(p.value, what+": name", MaxNameLength)
			read.At = w.at(p.key)
		}
	}
	label := what
	if named {
		label = read.label()
	} else if !stated {
		w.problem(item, what, "no name", "the key name")
	}
	// An artifact is read last, since the keys next to it may set the same fields.
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(rank(a), rank(b)) })
	for _, p := range pairs {
		w.field(p, label, &read)
	}
	return read, named
}

func rank(p pair) int {
	if p.key.Value == artifactKey {
		return 1
	}
	return 0
}

func (w *decoder) field(p pair, label string, into *declaration) {
	if p.key.Value == nameKey {
		return
	}
	known := fieldsFor(appOnly)
	f, ok := fieldNamed(known, p.key.Value)
	if !ok || p.key.Kind != yaml.ScalarNode {
		w.unknownKey(p.key, label, keysOf(known), "one of the keys "+knownKeys(known))
		return
	}
	if !isNull(p.value) {
		into.set(f, w, p.value, label)
	}
}
