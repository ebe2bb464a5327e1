package packaged

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

const manifestFile = "manifest.yml"

// maxNodes is the maximum number of values in a document with expanded aliases.
const maxNodes = 100_000

// A text is a value of the manifest, with its line.
type text struct {
	Value string
	Line  int
}

// UnmarshalYAML accepts any scalar as it is written.
func (t *text) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal %s into string", node.Line, node.ShortTag())}}
	}
	t.Value, t.Line = node.Value, node.Line
	return nil
}

// given reports whether a key is there, whatever its value.
type given struct{ isSet bool }

// UnmarshalYAML accepts any value.
func (g *given) UnmarshalYAML(*yaml.Node) error {
	g.isSet = true
	return nil
}

// A manifest has what buildpack-packager and libbuildpack read from manifest.yml (libbuildpack,
// manifest.go and packager/models.go).
type manifest struct {
	Language     text         `yaml:"language"`
	Stack        text         `yaml:"stack"`
	IncludeFiles []text       `yaml:"include_files"`
	PrePackage   text         `yaml:"pre_package"`
	Excludes     given        `yaml:"exclude_files"` // of an older packager
	Dependencies []dependency `yaml:"dependencies"`
	Deprecations []dependency `yaml:"dependency_deprecation_dates"`
	Defaults     []dependency `yaml:"default_versions"`
	Profiles     map[string]struct {
		Exclude []text `yaml:"exclude"`
	} `yaml:"packaging_profiles"`
}

// isPackage reports whether the manifest is that of a package: the packager records where it has
// put dependencies, and for which stack it packs.
func (m *manifest) isPackage() bool {
	return m.Stack.Value != "" || slices.ContainsFunc(m.Dependencies, func(d dependency) bool { return d.File.Value != "" })
}

// leavesOut reports whether a package's profile leaves out a dependency.
func (m *manifest) leavesOut(name string) bool {
	for _, profile := range m.Profiles {
		if m.isPackage() && slices.ContainsFunc(profile.Exclude, func(t text) bool { return t.Value == name }) {
			return true
		}
	}
	return false
}

type dependency struct {
	Line    int    `yaml:"-"`
	Name    text   `yaml:"name"`
	Version text   `yaml:"version"`
	URI     text   `yaml:"uri"`
	File    text   `yaml:"file"`
	SHA256  text   `yaml:"sha256"`
	Stacks  []text `yaml:"cf_stacks"`
	Date    text   `yaml:"date"` // of a deprecation
}

// UnmarshalYAML also records the line.
func (d *dependency) UnmarshalYAML(node *yaml.Node) error {
	type fields dependency
	if err := node.Decode((*fields)(d)); err != nil {
		return err
	}
	d.Line = node.Line
	return nil
}
