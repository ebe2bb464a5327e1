package startenv

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// IsSidecar is the argument for finding out whether a process is a sidecar or the app.
const IsSidecar = "is-sidecar"

// isSidecar exits with 0 if any buildpack's launch.yml declares a sidecar of the current process
// type with this command. Otherwise, the process is the app, and it prints which sidecars of the
// buildpack in this position another one has replaced.
func isSidecar(depsDir, position, command string, environ []string, stderr io.Writer) int {
	own, err := strconv.Atoi(position)
	if err != nil {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	layers, err := launch.ReadDeps(depsDir)
	if err != nil {
		fmt.Fprintf(stderr, "[%s] it is not known which sidecars the buildpacks declare: %s\n", Program, printable.Line(err.Error()))
		return exitFailed
	}
	app, _ := vcap.Read(environ) // without it, the process type is unknown
	for _, p := range launch.MergeLayers(layers) {
		if p.Command == command && p.IsSidecar() && (app.ProcessType == "" || slices.Contains(p.SidecarFor, app.ProcessType)) {
			return exitSuccess
		}
	}
	for _, r := range launch.Replacements(layers) {
		if r.Of == own {
			fmt.Fprintf(stderr, "[%s] %s\n", Program, printable.Line(r.Message(func(position int) string {
				return fmt.Sprintf("the buildpack in position %d", position)
			})))
		}
	}
	return exitFailed
}
