package sidecar

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// A Catalog lists the sidecars that a buildpack knows by name.
type Catalog struct {
	entries []declaration
}

// ParseCatalog reads the [[metadata.sidecars]] entries of a buildpack.toml. Their keys are those of
// sidecars.yml, without artifact, and with default: if true, every app gets the sidecar. An
// executable without a dependency is the file name of one of the buildpack's own programs. The
// error is a Problems.
func ParseCatalog(source Source) (Catalog, error) {
	var document struct {
		Metadata struct {
			Sidecars []map[string]any `toml:"sidecars"`
		} `toml:"metadata"`
	}
	var r diagnostics
	meta, err := toml.Decode(string(source.Content), &document)
	if err != nil {
		r.add(tomlProblem(source.Name, err))
		return Catalog{}, r.err()
	}

	var catalog Catalog
	w := &decoder{report: &r, source: source.Name, catalog: true}
	seen := map[string]bool{}
	orders := keyOrders(meta.Keys(), document.Metadata.Sidecars)
	for i, raw := range document.Metadata.Sidecars {
		read, ok := w.catalogEntry(raw, orders[i])
		if !ok {
			continue
		}
		if seen[read.Name] {
			r.add(Problem{At: read.At, What: read.label(), Found: "the name a second time", Want: "a name of its own for each sidecar"})
			continue
		}
		seen[read.Name] = true
		catalog.entries = append(catalog.entries, read)
	}
	return catalog, r.err()
}

// catalogEntry checks an entry by the rules of sidecars.yml: it converts each value to the YAML
// node that sidecars.yml would contain.
func (w *decoder) catalogEntry(raw map[string]any, order map[string]int) (declaration, bool) {
	const what = "metadata.sidecars"
	name, ok := w.readText(nodeOf(raw[nameKey], nil), what+": name", MaxNameLength)
	if !ok {
		return declaration{}, false
	}
	read := newDeclaration(name)
	read.At = Position{Source: w.source}
	known := fieldsFor(catalogOnly)
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if _, ok := fieldNamed(known, key); !ok && key != nameKey {
			w.unknownKey(textNode(key), what, keysOf(known), "one of the keys "+knownKeys(known))
		}
	}
	for _, f := range known {
		if value, ok := raw[f.key]; ok {
			read.set(f, w, nodeOf(value, func(key string) int { return order[f.key+"."+key] }), read.label())
		}
	}
	if read.builtIn = !read.stated[dependencyKey] && read.stated[executableKey]; read.builtIn && read.Package.Executable != "" && path.Base(read.Package.Executable) != read.Package.Executable {
		w.problem(&yaml.Node{}, read.label()+": executable", quote(read.Package.Executable), "a file name without a directory, or a dependency that contains it")
	}
	w.report.checkPackage(read)
	return read, true
}

// Installing returns the packages of the sidecars that install a dependency, by the sidecars'
// names.
func (c Catalog) Installing(dependency string) map[string]Package {
	packages := map[string]Package{}
	for _, known := range c.entries {
		if known.Package.Dependency == dependency {
			packages[known.Name] = known.Package
		}
	}
	return packages
}

// names lists the catalog's sidecars.
func (c Catalog) names() []string {
	names := make([]string, len(c.entries))
	for i, known := range c.entries {
		names[i] = known.Name
	}
	return names
}

func tomlProblem(source string, err error) Problem {
	at, text := Position{Source: source}, err.Error()
	var invalid toml.ParseError
	if errors.As(err, &invalid) {
		at.Line, text = invalid.Position.Line, invalid.Message
	}
	return Problem{At: at, What: "syntax", Found: "what cannot be read (" + redact.Quoted(text) + ")", Want: "TOML with values of the right kind"}
}

// keyOrders returns the position of each key, for each entry: Go's maps do not preserve it. Entries
// are either tables, each with its own header, or inline tables of one list. The end of an inline
// table can only be recognized by counting: all of its keys have been seen.
func keyOrders(keys []toml.Key, entries []map[string]any) map[int]map[string]int {
	orders, number := map[int]map[string]int{}, -1
	var seen map[string]bool
	next := func() {
		number++
		orders[number], seen = map[string]int{}, map[string]bool{}
	}
	for at, key := range keys {
		switch {
		case len(key) < 2 || key[0] != "metadata" || key[1] != "sidecars":
			continue
		case len(key) == 2:
			next()
			continue
		case number >= 0 && number < len(entries)-1 && len(seen) == len(entries[number]) && (len(key) == 3 || !seen[key[2]]):
			next()
		}
		if number >= 0 {
			seen[key[2]] = true
			orders[number][strings.Join(key[2:], ".")] = at
		}
	}
	return orders
}

// nodeOf converts a TOML value to a YAML node, with the keys of mappings in order.
func nodeOf(value any, order func(key string) int) *yaml.Node {
	switch value := value.(type) {
	case nil:
		return textNode("")
	case string:
		return textNode(value)
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range value {
			list.Content = append(list.Content, nodeOf(item, order))
		}
		return list
	case map[string]any:
		mapping := &yaml.Node{Kind: yaml.MappingNode}
		keys := slices.SortedFunc(maps.Keys(value), func(a, b string) int { return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b)) })
		for _, key := range keys {
			mapping.Content = append(mapping.Content, textNode(key), nodeOf(value[key], order))
		}
		return mapping
	default:
		var node yaml.Node
		if err := node.Encode(value); err != nil {
			return textNode(fmt.Sprint(value))
		}
		return &node
	}
}
