package bump

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// A document is a manifest.yml with the positions of its values.
type document struct {
	entries  []entry
	defaults []constraint
}

// An entry is a dependency. Only the last four values may be missing.
type entry struct {
	name, version, uri, sha256 *yaml.Node
	source, sourceSHA256, file *yaml.Node
}

// A constraint is a line of default_versions.
type constraint struct{ name, version *yaml.Node }

func parse(content []byte) (document, error) {
	const what = "manifest.yml"
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&root); err != nil {
		return document{}, yamlerror.Wrap(what, content, err)
	}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return document{}, errors.New("manifest.yml: found no mapping; expected one with the key dependencies")
	}
	var d document
	for _, node := range items(child(root.Content[0], "dependencies")) {
		e := entry{
			name: child(node, "name"), version: child(node, "version"), uri: child(node, "uri"), sha256: child(node, "sha256"),
			source: child(node, "source"), sourceSHA256: child(node, "source_sha256"), file: child(node, "file"),
		}
		if e.name != nil {
			d.entries = append(d.entries, e)
		}
	}
	for _, node := range items(child(root.Content[0], "default_versions")) {
		if c := (constraint{child(node, "name"), child(node, "version")}); c.name != nil && c.version != nil {
			d.defaults = append(d.defaults, c)
		}
	}
	return d, nil
}

// child returns the value of a mapping's key, or nil.
func child(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

func items(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

// entriesOf returns the entries to change: those of one version of the dependency, for all stacks.
func (d document) entriesOf(r Request) ([]entry, error) {
	named := slices.DeleteFunc(slices.Clone(d.entries), func(e entry) bool { return e.name.Value != r.Name })
	if len(named) == 0 {
		known := texts(d.entries, func(e entry) *yaml.Node { return e.name })
		return nil, fmt.Errorf("manifest.yml has no dependency %q%s", redact.Text(r.Name), suggest.Before(suggest.Name(r.Name, known), "it has "+list(known)))
	}
	for _, e := range named {
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	versions := texts(named, func(e entry) *yaml.Node { return e.version })
	if r.Replace == "" && len(versions) > 1 {
		return nil, fmt.Errorf("manifest.yml has %s in %d versions, %s; state with --replace which one to replace", r.Name, len(versions), list(versions))
	}
	if r.Replace != "" && !slices.Contains(versions, r.Replace) {
		return nil, fmt.Errorf("--replace: found %q; manifest.yml has %s in %s", redact.Text(r.Replace), r.Name, list(versions))
	}
	return slices.DeleteFunc(named, func(e entry) bool { return r.Replace != "" && e.version.Value != r.Replace }), nil
}

// check refuses an entry that cannot be changed.
func (e entry) check() error {
	at := fmt.Sprintf("manifest.yml, line %d: dependency %q", e.name.Line, e.name.Value)
	if e.file != nil {
		return fmt.Errorf("%s: found a file in the buildpack itself; expected the manifest.yml of the repository, and not that of a package", at)
	}
	var missing []string
	for key, node := range map[string]*yaml.Node{"version": e.version, "uri": e.uri, "sha256": e.sha256} {
		if node == nil || node.Kind != yaml.ScalarNode {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		return fmt.Errorf("%s: found no text as its %s; expected one", at, strings.Join(missing, ", "))
	}
	return nil
}

// versionPattern matches the versions that manifest.yml may have.
var versionPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_~-]*$`)

// checkNew refuses a version that would not change anything, or that exists already.
func (d document) checkNew(r Request, old string) error {
	switch {
	case !versionPattern.MatchString(r.Version):
		return fmt.Errorf("found the version %q; expected one such as 1.2.3", redact.Text(r.Version))
	case strings.TrimPrefix(r.Version, "v") == old:
		if r.URI != "" && r.Version == old {
			return nil // --uri names another file
		}
		return fmt.Errorf("manifest.yml has %s %s already", r.Name, old)
	case strings.HasPrefix(r.Version, "v") && !strings.HasPrefix(old, "v"):
		return fmt.Errorf("found the version %q; expected one without v, as %s has it", r.Version, old)
	}
	for _, e := range d.entries {
		if e.name.Value == r.Name && e.version != nil && e.version.Value == r.Version {
			return fmt.Errorf("manifest.yml, line %d: found %s %s already; expected one entry for each version", e.version.Line, r.Name, r.Version)
		}
	}
	return nil
}

// texts returns a value of each entry, without duplicates.
func texts(entries []entry, of func(entry) *yaml.Node) []string {
	var all []string
	for _, e := range entries {
		if node := of(e); node != nil && !slices.Contains(all, node.Value) {
			all = append(all, node.Value)
		}
	}
	return all
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return redact.Text(strings.Join(names, ", "))
}

// Names returns the names of the dependencies in a manifest.yml, without duplicates; none if it is
// invalid.
func Names(content []byte) []string {
	d, err := parse(content)
	if err != nil {
		return nil
	}
	return texts(d.entries, func(e entry) *yaml.Node { return e.name })
}
