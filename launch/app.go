package launch

import (
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// WebProcess is the process type that every app has.
const WebProcess = "web"

// DefaultMemory is what the platform gives to a process for which the developer
// states no memory, as it is set up where the operator has changed nothing.
const DefaultMemory = 1024 * memory.Size(1)

// An App is what the developer asks the platform for: the app manifest, with the
// command line over it.
type App struct {
	Processes []AppProcess
	// Sidecars are those of the manifest.
	Sidecars []sidecar.Definition
	// Dropped is what stands in the manifest's sidecars and Cloud Controller
	// drops without a word (PR-31).
	Dropped sidecar.Problems
}

// An AppProcess is what the manifest and the command line say of one process
// type.
type AppProcess struct {
	Type      string
	Command   string      // empty: the droplet's
	Memory    memory.Size // 0: none stated
	Instances int
}

// ParseSidecars reads the sidecars block of an app manifest into the app.
// Source is the manifest's name for messages; the error is a sidecar.Problems.
func (a *App) ParseSidecars(source string, list *yaml.Node) error {
	sidecars, dropped, err := sidecar.ParseManifest(source, list)
	a.Sidecars, a.Dropped = sidecars, dropped
	return err
}

// Check holds what the platform refuses of an app when its manifest is applied
// for the first time, before there is a droplet. The error is a Refusals.
func (a App) Check() error {
	return NewRecord().Apply(a).err()
}
