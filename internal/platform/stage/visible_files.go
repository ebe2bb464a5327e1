package stage

import (
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// longestText is the most that is read of a file in search of what it names, in bytes.
const longestText = 1 << 20

// visibleToStaging are those that a staging is to see: the builder, this program as the
// buildpack that comes with it, that buildpack's other programs, the machine's tools, the mounts, what variables name, and the
// artifacts, mirrors and buildpacks that are files here, whichever of the app's and the
// buildpacks' own files name them.
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
