package judge

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// An Installation is what the buildpack installs for one sidecar.
type Installation struct {
	sidecar.Definition
	// Artifact is the file of the sidecar's package, with everything needed to install it; it is
	// zero if the package is one of the buildpack's own programs.
	Artifact artifact.Artifact
	// Directory is the directory of the artifact's content, below the directory of all packages.
	// Sidecars with the same artifact share it.
	Directory string
	// Version is the dependency's version, or empty.
	Version string
}

// A Verdict is the decision about a Case.
type Verdict struct {
	// Sidecars are those that the buildpack gives the app, and Left those that it leaves to others
	// of its family.
	Sidecars []sidecar.Definition
	Left     []sidecar.Left
	// Absent are those that it knows, but does not give the app.
	Absent []sidecar.Absent
	// Processes are the entries of launch.yml for the sidecars, and Procfile are the app's.
	// ProcfileError says why the Procfile cannot be read, on which the lifecycle will fail.
	Processes     []launch.Process
	Procfile      []launch.Process
	ProcfileError error
	// Neighbors is the result of Earlier.
	Neighbors []Neighbor
	// Installations are what is installed for the sidecars.
	Installations []Installation
	// Rendered is what is made from bound services before sidecars start.
	Rendered []render.Spec
	// Java is what the Java buildpack is expected to tell its memory calculator; nil if it sets no
	// start command.
	Java *javabuildpack.Calculator
	// Warnings are about what is accepted, but most likely a mistake. Notes are information.
	Warnings []string
	Notes    []string
}
