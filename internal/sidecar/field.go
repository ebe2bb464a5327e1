package sidecar

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A field is one key of a sidecar: the same in the catalog, in sidecars.yml, in SIDECARS and, as
// the end of its name, in the variable SIDECAR_NAME_KEY. The table fields lists them all. Reading,
// merging, the log, the reference in the docs and the schema all use that table.
type field struct {
	key string
	value
	// manifest says that sidecars of an app manifest have it, too.
	manifest bool
	// in says where it may be set.
	in scope
	// supervisor says that a sidecar needs a supervisor if the value differs from the default.
	supervisor bool
	// log is what the staging log says about a value that is not the default; the value replaces
	// %s. If it is empty, nothing is logged.
	log string
	// complete returns the value in a definition, if a definition stores it differently from a
	// declaration.
	complete func(Definition) []string
	// doc says what the field means, and otherwise what applies without it, in Markdown.
	doc, otherwise string
}

// A scope says where a field may be set.
type scope int

const (
	anywhere    scope = iota
	appOnly           // by the app
	catalogOnly       // by a buildpack's catalog
)

// A value says how a declaration stores the value of a field, and how it is written.
type value struct {
	// read reads the value from a node. It reports problems, and leaves an invalid value empty.
	read func(w *decoder, node *yaml.Node, what string, into *declaration)
	// copy copies the value to another declaration.
	copy func(from, to *declaration)
	// shown returns the value as text, one string for each item of a list, or nothing for the
	// default.
	shown func(d *declaration) []string
	// fromVariable converts the text of an environment variable to a node.
	fromVariable func(text string) *yaml.Node
	schema       schema
}

// at is a value of a kind that a declaration stores where store says.
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

// values returns a definition's values as text, one string for each item of a list, or nothing for
// the default.
func (f field) values(d Definition) []string {
	if f.complete != nil {
		return f.complete(d)
	}
	return f.shown(&declaration{Definition: d})
}

// fieldNamed finds a field by its key.
func fieldNamed(fields []field, key string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// keysOf lists the keys of a sidecar with these fields.
func keysOf(fields []field) []string {
	keys := []string{nameKey}
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	return keys
}

// knownKeys lists them for a message.
func knownKeys(fields []field) string { return strings.Join(keysOf(fields), ", ") }
