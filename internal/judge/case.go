package judge

import (
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Case is an app with all that has a say in its sidecars, for one sidecar buildpack of a
// push.
type Case struct {
	App fs.FS
	// Buildpack are the files of the buildpack itself, or nil where they are not known.
	Buildpack fs.FS
	// Modes tells that the app's files have the modes that they will have at the start.
	Modes bool
	// Catalog, Environ, Services and Family are as in sidecar.Request.
	Catalog  sidecar.Catalog
	Environ  []string
	Services sidecar.Services
	Family   sidecar.Family
	// Declared are documents of the buildpack's own that declare sidecars; the app's have the
	// last say.
	Declared []sidecar.Source
	// Index is that of the buildpack's deps directory.
	Index string
	// Dependencies are those of the buildpack's manifest.yml for the stack. Overridable
	// tells that an earlier buildpack may still change them, so that nothing is refused
	// for what they lack.
	Dependencies *dependency.Dependencies
	Overridable  bool
	// Earlier returns the buildpacks before this one that declare processes. It is called
	// where the app has sidecars, and may be nil where nothing is known of them.
	Earlier func() ([]Neighbor, error)
	// EarlierUnseen tells that the lifecycle will not see what these declare (CF-02).
	EarlierUnseen bool
	// Followed tells that another buildpack comes later.
	Followed bool
	// Languages are what the other buildpacks of the push say that they are for, and
	// Starters are those of the buildpacks that may make the start command.
	Languages, Starters []string
	// Commands are start commands of the app that are known besides its Procfile, by
	// process type. They win.
	Commands map[string]string
	// Memory is the most that the web process can have, as the staging container tells
	// (CF-13); 0 where it is not known, and left to Cloud Controller.
	Memory memory.Size
	// Path are the directories in which programs are found by their names.
	Path []string
}

// A Neighbor is another buildpack of the push that declares processes.
type Neighbor struct {
	Name      string // as the developer knows it
	Processes []launch.Process
	Family    bool // it is a sidecar buildpack
}
