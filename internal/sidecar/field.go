package sidecar

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A field is one key of a sidecar: the same in the catalog, in sidecars.yml, in
// SIDECARS and, as the end of its name, in the variable SIDECAR_NAME_KEY. The table
// fields has them all, and is the one place that states what is said here. From it come
// reading and merging, what the log says, the reference in the docs, and the schema.
type field struct {
	key string
	value
	// manifest tells that the sidecars of an app manifest have it, too.
	manifest bool
	// in tells where it may be stated.
	in scope
	// supervisor tells that a sidecar with another value than the default runs under a
	// supervisor.
	supervisor bool
	// log is what the staging log says of a value that is not the default, which replaces
	// %s; empty for nothing.
	log string
	// complete is the value of a definition, where that is not held as in a declaration.
	complete func(Definition) []string
	// doc is what it means, and otherwise what holds where it is not stated, in Markdown.
	doc, otherwise string
}

// A scope is where a field may be stated.
type scope int

const (
	anywhere    scope = iota
	appOnly           // by the app
	catalogOnly       // by the catalog of a buildpack
)

// A value is how a declaration holds the value of a field, and how it is written down.
type value struct {
	// read reads it from a node; what is not as it should be is reported, and empty.
	read func(w *decoder, node *yaml.Node, what string, into *declaration)
	// copy sets it in another declaration.
	copy func(from, to *declaration)
	// shown is the value as text, an item of a list each; nothing where it is the default.
	shown func(d *declaration) []string
	// fromVariable converts the text of an environment variable to a node.
	fromVariable func(text string) *yaml.Node
	schema       schema
}

// at is a value of a kind in its place in a declaration.
func at[T any](k kind[T], store func(*declaration) *T) value {
	return value{
		read: func(w *decoder, node *yaml.Node, what string, into *declaration) {
			*store(into) = k.read(w, node, what)
		},
		copy:         func(from, to *declaration) { *store(to) = *store(from) },
		shown:        func(d *declaration) []string { return k.shown(*store(d)) },
		fromVariable: k.fromVariable,
		schema:       k.schema,
	}
}

// values are those of a definition as text, an item of a list each; none where it is
// the default.
func (f field) values(d Definition) []string {
	if f.complete != nil {
		return f.complete(d)
	}
	return f.shown(&declaration{Definition: d})
}

// fieldNamed finds a field among some.
func fieldNamed(fields []field, key string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// keysOf are the keys of a sidecar with these fields.
func keysOf(fields []field) []string {
	keys := []string{nameKey}
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	return keys
}

// knownKeys lists them for a message.
func knownKeys(fields []field) string { return strings.Join(keysOf(fields), ", ") }
