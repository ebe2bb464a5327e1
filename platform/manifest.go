package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// maxManifestSize is the most that Cloud Controller takes of a manifest.
const maxManifestSize = 1 << 20

// maxNameLength is the most characters that Cloud Controller takes of an app's
// name.
const maxNameLength = 255

// LoadManifest reads the apps of an app manifest, variables filled in. The
// error names everything that is wrong with it, each with its line.
func LoadManifest(path string, variables Variables) ([]Application, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("failed to read manifest: %w", err)
	}
	if len(content) > maxManifestSize {
		return nil, fmt.Errorf("%s: found %d bytes; expected at most %d", path, len(content), maxManifestSize)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(content, &root); err != nil {
		return nil, fmt.Errorf("failed to parse %s: %w", path, err)
	}
	if err := variables.fill(&root); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := bounded(&root); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var document struct {
		Applications []yaml.Node `yaml:"applications"`
	}
	m := manifest{path: path}
	if !m.decode(&root, &document) {
		return nil, errors.Join(m.problems...)
	}
	if len(document.Applications) == 0 {
		return nil, fmt.Errorf("%s: found no applications; expected the key applications with a list below it", path)
	}

	applications := make([]Application, len(document.Applications))
	names := map[string]bool{}
	for i := range document.Applications {
		node := &document.Applications[i]
		applications[i] = m.application(node)
		if name := applications[i].Name; names[name] && name != "" {
			m.refuse(node, "the app %q stands there twice; each app needs a name of its own", name)
		}
		names[applications[i].Name] = true
	}
	return applications, errors.Join(m.problems...)
}

// A manifest collects what is wrong with the file at path.
type manifest struct {
	path     string
	problems []error
}

func (m *manifest) refuse(at *yaml.Node, format string, args ...any) {
	m.problems = append(m.problems, fmt.Errorf("%s:%d: "+format, append([]any{m.path, at.Line}, args...)...))
}

// manifestApplication is one item of applications. Keys that the local platform
// has no use for, such as routes, are left out.
type manifestApplication struct {
	Name            string               `yaml:"name"`
	Path            string               `yaml:"path"`
	Stack           string               `yaml:"stack"`
	Buildpack       string               `yaml:"buildpack"`
	Buildpacks      []string             `yaml:"buildpacks"`
	Env             map[string]yaml.Node `yaml:"env"`
	Processes       []yaml.Node          `yaml:"processes"`
	Sidecars        yaml.Node            `yaml:"sidecars"`
	Docker          yaml.Node            `yaml:"docker"`
	Lifecycle       string               `yaml:"lifecycle"`
	manifestProcess `yaml:",inline"`
}

func (m *manifest) application(node *yaml.Node) Application {
	var read manifestApplication
	underscoreKeys(node)
	if !m.decode(node, &read) {
		return Application{}
	}
	app := Application{
		Name: read.Name, Path: m.relative(read.Path), Stack: read.Stack,
		Environment: m.environment(read.Env), HealthChecks: map[string]HealthCheck{},
	}
	switch length := utf8.RuneCountInString(app.Name); {
	case length == 0:
		m.refuse(node, "the app has no name; expected the key name")
	case length > maxNameLength:
		m.refuse(node, "the app's name has %d characters; expected at most %d", length, maxNameLength)
	}
	if read.Docker.Kind != 0 || (read.Lifecycle != "" && read.Lifecycle != "buildpack") {
		m.refuse(node, "app %q: only apps that buildpacks stage can be run here; found docker or another lifecycle", app.Name)
	}
	app.Buildpacks = m.buildpacks(node, read)
	m.processes(node, read, &app)
	if read.Sidecars.Kind != 0 {
		if err := app.Launch.ParseSidecars(m.path, &read.Sidecars); err != nil {
			m.problems = append(m.problems, err)
		}
	}
	return app
}

// relative reads a path of the manifest, which is relative to its directory.
func (m *manifest) relative(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(m.path), path)
}

// buildpacks are the names and URLs of the manifest; a directory or a zip, which
// Cloud Controller would not know, is relative to the manifest.
func (m *manifest) buildpacks(node *yaml.Node, read manifestApplication) []string {
	if read.Buildpack != "" && len(read.Buildpacks) > 0 {
		m.refuse(node, "Buildpack and Buildpacks fields cannot be used together.")
	}
	names := read.Buildpacks
	if len(names) == 0 && read.Buildpack != "" && read.Buildpack != "default" && read.Buildpack != "null" {
		names = []string{read.Buildpack}
	}
	for i, name := range names {
		if local := m.relative(name); name != BuiltinBuildpack && exists(local) {
			names[i] = local
		}
	}
	return names
}

// environment are the values as Cloud Controller would turn them into text.
func (m *manifest) environment(values map[string]yaml.Node) map[string]string {
	environment := map[string]string{}
	for name, value := range values {
		if value.Kind == yaml.AliasNode {
			value = *value.Alias
		}
		switch upper := strings.ToUpper(name); {
		case value.Kind != yaml.ScalarNode:
			m.refuse(&value, "env: %s holds a list or a mapping; expected text: write it as JSON in quotes", name)
		case name == "" || strings.ContainsAny(name, "=\x00"):
			m.refuse(&value, "env: %q is no name of a variable", name)
		case strings.Contains(value.Value, "\x00"):
			m.refuse(&value, "env: %s holds a NUL byte, which no variable can", name)
		case upper == "PORT":
			m.refuse(&value, "env: cannot set PORT")
		case strings.HasPrefix(upper, "VCAP_"):
			m.refuse(&value, "env: %s cannot start with VCAP_", name)
		case strings.HasPrefix(upper, "VMC"):
			m.refuse(&value, "env: %s cannot start with VMC_", name)
		case value.ShortTag() == "!!null":
			environment[name] = ""
		default:
			environment[name] = canonical(&value)
		}
	}
	return environment
}

// canonical is a scalar's text without YAML's other ways to write it: 0x10, True.
func canonical(scalar *yaml.Node) string {
	var number int64
	var truth bool
	switch {
	case scalar.ShortTag() == "!!int" && scalar.Decode(&number) == nil:
		return strconv.FormatInt(number, 10)
	case scalar.ShortTag() == "!!bool" && scalar.Decode(&truth) == nil:
		return strconv.FormatBool(truth)
	default:
		return scalar.Value
	}
}

// underscoreKeys makes the keys of a mapping those of Cloud Controller, which
// takes health-check-type and health_check_type for the same.
func underscoreKeys(mapping *yaml.Node) {
	for mapping.Kind == yaml.AliasNode {
		mapping = mapping.Alias
	}
	if mapping.Kind == yaml.SequenceNode { // several mappings to merge
		for _, item := range mapping.Content {
			underscoreKeys(item)
		}
	}
	if mapping.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		key.Value = strings.ReplaceAll(key.Value, "-", "_")
		if key.ShortTag() == "!!merge" {
			underscoreKeys(value)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ErrSeveralApplications is what is wrong with a command line that has flags for
// one app and means several.
var ErrSeveralApplications = errors.New("command line flags (except -f, --var and --vars-file) cannot be applied to several apps of a manifest: name one of them")

// SelectApplications picks the app of a name, or all where the name is empty,
// and applies what the command line says over them.
func SelectApplications(all []Application, name string, overrides Overrides) ([]Application, error) {
	selected := all
	if name != "" {
		selected = nil
		var names []string
		for _, app := range all {
			names = append(names, app.Name)
			if app.Name == name {
				selected = []Application{app}
			}
		}
		switch {
		case selected != nil:
		case len(all) == 1:
			// A single app of the manifest may be pushed under another name.
			all[0].Name = name
			selected = all
		default:
			return nil, fmt.Errorf("could not find app named %q in manifest; it has %s", name, strings.Join(names, ", "))
		}
	}
	if len(selected) > 1 && !overrides.empty() {
		return nil, ErrSeveralApplications
	}
	for i := range selected {
		selected[i].Override(overrides)
		if selected[i].Path == "" {
			selected[i].Path = "."
		}
		if selected[i].Stack == "" {
			selected[i].Stack = DefaultStack
		}
	}
	return selected, nil
}

// NewApplication is an app that has no manifest.
func NewApplication(name string) Application {
	app := Application{Name: name, Environment: map[string]string{}, HealthChecks: map[string]HealthCheck{}}
	app.process(launch.WebProcess)
	return app
}
