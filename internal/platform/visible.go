package platform

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// longestText is the most that is read of a file in search of what it names, in bytes.
const longestText = 1 << 20

// visibleToInstance are the files and directories of the machine that an instance is to
// see even in a directory that it has of its own: this program, its launcher, the programs
// on PATH, what the platform mounts into it, and what its variables name.
func (p *Platform) visibleToInstance(app push.Application, m *mounts) []string {
	paths := namedPaths{p.Init, p.Lifecycle.Launcher.Path, m.host}
	paths.environment(p.runningEnvironment(processEnv{app: app, mounts: m}))
	return paths
}

// visibleToStaging are those that a staging is to see: the builder, this program as the
// buildpack that comes with it, the machine's tools, the mounts, what variables name, and the
// artifacts, mirrors and buildpacks that are files here, whichever of the app's and the
// buildpacks' own files name them.
func (p *Platform) visibleToStaging(app push.Application, s staging, m *mounts) []string {
	paths := namedPaths{p.Lifecycle.Builder.Path, p.Builtin.Executable, p.Builtin.StandIn, m.host}
	paths.environment(p.stagingEnvironment(app, s.tmp, "", m))
	for _, buildpack := range app.Buildpacks {
		paths.files(buildpack)
	}
	config := "sidecars.yml"
	if path := app.Environment["SIDECARS_CONFIG"]; filepath.IsLocal(path) {
		config = path
	}
	texts := []string{filepath.Join(s.tmp, "app", config)}
	for _, name := range []string{"manifest.yml", "buildpack.toml"} {
		found, _ := filepath.Glob(filepath.Join(s.tmp, "buildpacks", "*", name)) // the pattern is well-formed
		texts = append(texts, found...)
	}
	for _, path := range texts {
		paths.files(readText(path))
	}
	return paths
}

// namedPaths are paths of files and directories.
type namedPaths []string

// environment adds what variables name: those of the machine's tools its files and
// directories, and all of them files by URI.
func (n *namedPaths) environment(environ []string) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if slices.Contains(handedOn, name) {
			for _, path := range filepath.SplitList(value) {
				if filepath.IsAbs(path) {
					*n = append(*n, path)
				}
			}
		}
		n.files(value)
	}
}

var fileURI = regexp.MustCompile("file://[^\\s\"'`<>,;|\\\\^{}\\[\\]]*")

// files adds the files that a text names by their URIs; of one that is not there, the
// directory that it would be in, or one above.
func (n *namedPaths) files(text string) {
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

// readText is what is in a file, or nothing where it is none that could be read at once:
// whoever needs it says so.
func readText(path string) string {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(file, longestText))
	if err != nil {
		return ""
	}
	return string(text)
}
