package cell

import (
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// VisibleToInstance returns the machine's files and directories that an instance must see even if
// they are below its own /tmp: this program, the launcher, the programs on PATH, the mounts, and
// the paths in its variables.
func (c *Cell) VisibleToInstance(app push.Application, m *Mounts) []string {
	paths := NamedPaths{c.Init, c.Lifecycle.Launcher.Path, m.Host}
	paths.AddVariables(c.RunningEnvironment(ProcessEnv{App: app, Mounts: m}))
	return paths
}

// NamedPaths are paths of files and directories.
type NamedPaths []string

// AddVariables adds paths from variables: the values of the machine's tools' variables, and file
// URIs in all variables.
func (n *NamedPaths) AddVariables(environ []string) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if slices.Contains(handedOn, name) {
			for _, path := range filepath.SplitList(value) {
				if filepath.IsAbs(path) {
					*n = append(*n, path)
				}
			}
		}
		n.AddFiles(value)
	}
}

var fileURI = regexp.MustCompile("file://[^\\s\"'`<>,;|\\\\^{}\\[\\]]*")

// AddFiles adds the files that a text names by URI. For a missing file, it adds the nearest
// existing directory above it.
func (n *NamedPaths) AddFiles(text string) {
	for _, uri := range fileURI.FindAllString(text, -1) {
		parsed, err := url.Parse(uri)
		if err != nil || !filepath.IsAbs(parsed.Path) {
			continue
		}
		path := filepath.Clean(parsed.Path)
		for !regularfile.Exists(path) {
			path = filepath.Dir(path)
		}
		if path != isolated.Tmp && path != isolated.Home {
			*n = append(*n, path)
		}
	}
}
