package judge

import (
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Case is an app with everything that decides about its sidecars, for one sidecar buildpack of a
// push.
type Case struct {
	App fs.FS
	// Buildpack contains the buildpack's own files, or is nil if they are unknown.
	Buildpack fs.FS
	// Modes says that the app's files have the modes that they will have at the start.
	Modes bool
	// Catalog, Environ, Services and Family are as in sidecar.Request.
	Catalog  sidecar.Catalog
	Environ  []string
	Services sidecar.Services
	Family   sidecar.Family
	// Declared are the buildpack's own documents that declare sidecars; the app's override them.
	Declared []sidecar.Source
	// Index is the name of the buildpack's deps directory.
	Index string
	// Dependencies are those in the buildpack's manifest.yml for the stack. Overridable says that
	// an earlier buildpack may still change them; then nothing is rejected because they lack it.
	Dependencies *dependency.Dependencies
	Overridable  bool
	// Earlier returns the buildpacks before this one that declare processes. It is only called if
	// the app has sidecars, and may be nil if nothing is known about them.
	Earlier func() ([]Neighbor, error)
	// EarlierUnseen says that the lifecycle will not see what these declare (CF-02).
	EarlierUnseen bool
	// Followed says that another buildpack comes later.
	Followed bool
	// Languages are the languages that the push's other buildpacks say they are for, and Starters
	// are those of buildpacks that may set the start command.
	Languages, Starters []string
	// Commands are known start commands that are not in the app's Procfile, by process type. They
	// override it.
	Commands map[string]string
	// Memory limits the memory of the web process, as the staging container shows (CF-13); 0 if
	// unknown, so that Cloud Controller decides.
	Memory memory.Size
	// Path lists the directories in which programs are found by name.
	Path []string
}

// A Neighbor is another buildpack of the push that declares processes.
type Neighbor struct {
	Name      string // as the developer knows it
	Processes []launch.Process
	Family    bool // it is a sidecar buildpack
}
