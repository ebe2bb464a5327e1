package sidecar

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"

	"github.com/BurntSushi/toml"
	"gopkg.in/yaml.v3"
)

// A Catalog is the list of sidecars that a buildpack knows by name.
type Catalog struct {
	entries  []entry
	defaults map[string]bool
}

// catalogEntry is one [[metadata.sidecars]] of buildpack.toml.
type catalogEntry struct {
	Name         string            `toml:"name"`
	Command      *string           `toml:"command"`
	ProcessTypes []string          `toml:"process_types"`
	Memory       any               `toml:"memory"`
	Executable   *string           `toml:"executable"`
	Dependency   *string           `toml:"dependency"`
	Version      *string           `toml:"version"`
	Strip        *int              `toml:"strip"`
	Default      bool              `toml:"default"`
	AppEnv       map[string]string `toml:"app-env"`
}

// ParseCatalog reads the [[metadata.sidecars]] entries of a buildpack.toml. The
// keys are those of sidecars.yml but artifact, and default, true where every app
// gets the sidecar. An executable without a dependency is the file name of one of
// the buildpack's own programs. The error is a Problems.
func ParseCatalog(source Source) (Catalog, error) {
	var document struct {
		Metadata struct {
			Sidecars []catalogEntry `toml:"sidecars"`
		} `toml:"metadata"`
	}
	var r report
	meta, err := toml.Decode(string(source.Content), &document)
	if err != nil {
		r.add(tomlProblem(source.Name, err))
		return Catalog{}, r.err()
	}
	for _, key := range meta.Undecoded() {
		if len(key) > 2 && key[0] == "metadata" && key[1] == "sidecars" {
			r.add(Problem{
				At: Position{Source: source.Name}, What: "metadata.sidecars",
				Found: "the key " + quote(key[2]), Want: "one of the keys " + knownKeys(catalogFields()) + ", default",
			})
		}
	}

	catalog := Catalog{defaults: map[string]bool{}}
	w := &walk{report: &r, source: source.Name}
	seen := map[string]bool{}
	for _, raw := range document.Metadata.Sidecars {
		read, ok := w.catalogEntry(raw)
		if !ok {
			continue
		}
		if seen[read.name] {
			r.add(Problem{At: read.at, What: read.label(), Found: "the name a second time", Want: "a name of its own for each sidecar"})
			continue
		}
		seen[read.name] = true
		catalog.entries = append(catalog.entries, read)
		catalog.defaults[read.name] = raw.Default
	}
	return catalog, r.err()
}

// catalogEntry checks an entry by the rules of sidecars.yml, which it does by
// turning each value into the node that would stand there.
func (w *walk) catalogEntry(raw catalogEntry) (entry, bool) {
	read := entry{at: Position{Source: w.source}}
	name, ok := w.readText(textNode(raw.Name), "metadata.sidecars: name", MaxNameLength)
	if !ok {
		return entry{}, false
	}
	read.name = name
	if raw.Command != nil {
		readCommand(w, textNode(*raw.Command), read.label(), &read)
	}
	if raw.ProcessTypes != nil {
		readProcessTypes(w, sequenceNode(raw.ProcessTypes), read.label(), &read)
	}
	if raw.Memory != nil {
		readMemory(w, textNode(fmt.Sprint(raw.Memory)), read.label(), &read)
	}
	if raw.Dependency != nil {
		readDependency(w, textNode(*raw.Dependency), read.label(), &read)
	}
	if raw.Version != nil {
		readVersion(w, textNode(*raw.Version), read.label(), &read)
	}
	if raw.Strip != nil {
		readStrip(w, textNode(strconv.Itoa(*raw.Strip)), read.label(), &read)
	}
	if raw.Executable != nil {
		readExecutable(w, textNode(*raw.Executable), read.label(), &read)
	}
	if read.own = raw.Dependency == nil && read.executable != nil; read.own && path.Base(*read.executable) != *read.executable {
		w.problem(&yaml.Node{}, read.label()+": executable", quote(*raw.Executable), "a file name without a directory, or a dependency that brings it")
	}
	if raw.AppEnv != nil {
		readAppEnv(w, mappingNode(raw.AppEnv), read.label(), &read)
	}
	w.report.checkProgram(read)
	return read, true
}

// catalogFields are those that a catalog knows.
func catalogFields() []field {
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.key == "artifact" })
}

// names lists the sidecars that the catalog knows.
func (c Catalog) names() []string {
	names := make([]string, len(c.entries))
	for i, known := range c.entries {
		names[i] = known.name
	}
	return names
}

func tomlProblem(source string, err error) Problem {
	at, text := Position{Source: source}, err.Error()
	var invalid toml.ParseError
	if errors.As(err, &invalid) {
		at.Line, text = invalid.Position.Line, invalid.Message
	}
	return Problem{At: at, What: "syntax", Found: "what cannot be read (" + text + ")", Want: "TOML with values of the right kind"}
}

func textNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// mappingNode has its keys in their order.
func mappingNode(items map[string]string) *yaml.Node {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, key := range slices.Sorted(maps.Keys(items)) {
		mapping.Content = append(mapping.Content, textNode(key), textNode(items[key]))
	}
	return mapping
}

func sequenceNode(items []string) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range items {
		list.Content = append(list.Content, textNode(item))
	}
	return list
}
