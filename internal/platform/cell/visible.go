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

// VisibleToInstance are the files and directories of the machine that an instance is to
// see even in a directory that it has of its own: this program, its launcher, the programs
// on PATH, what the platform mounts into it, and what its variables name.
func (c *Cell) VisibleToInstance(app push.Application, m *Mounts) []string {
	paths := NamedPaths{c.Init, c.Lifecycle.Launcher.Path, m.Host}
	paths.AddVariables(c.RunningEnvironment(ProcessEnv{App: app, Mounts: m}))
	return paths
}

// NamedPaths are paths of files and directories.
type NamedPaths []string

// AddVariables adds what variables name: those of the machine's tools its files and
// directories, and all of them files by URI.
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

// AddFiles adds the files that a text names by their URIs; of one that is not there, the
// directory that it would be in, or one above.
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
