package stage

import (
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// longestText is the maximum size of a file that is searched for paths, in bytes.
const longestText = 1 << 20

// visibleToStaging returns the paths that a staging must see: the builder, this program as the
// embedded buildpack, that buildpack's other programs, the machine's tools, the mounts, paths in
// variables, and the artifacts, mirrors and buildpacks on this machine that the app's and the
// buildpacks' files name.
func (p *Stager) visibleToStaging(app push.Application, s staging, m *cell.Mounts) []string {
	paths := cell.NamedPaths{p.Lifecycle.Builder.Path, p.Builtin.Executable, p.Builtin.StandIn, m.Host}
	paths = append(paths, p.Builtin.Companions...)
	paths.AddVariables(p.StagingEnvironment(app, s.tmp, "", m))
	for _, buildpack := range app.Buildpacks {
		paths.AddFiles(buildpack)
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
		paths.AddFiles(readText(path))
	}
	return paths
}

// readText returns a file's content, or "" if it is not a regular file that can be read; whatever
// needs the file reports that.
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
