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
	// Artifact is the file that the sidecar's package comes to, with all that it takes to
	// install it; the zero value if it is one of the buildpack's own programs.
	Artifact artifact.Artifact
	// Directory is where the artifact's content goes, below the directory of all packages.
	// Sidecars with the same artifact share it.
	Directory string
	// Version is that of the dependency, or empty.
	Version string
}

// A Verdict is what becomes of a Case.
type Verdict struct {
	// Sidecars are those that the buildpack gives the app, and Left those that it leaves
	// to others of its family.
	Sidecars []sidecar.Definition
	Left     []sidecar.Left
	// Absent are those that it does not give the app, although it knows them.
	Absent []sidecar.Absent
	// Processes are the entries of launch.yml for the sidecars, and Procfile are those of
	// the app. ProcfileError tells why the app's cannot be read, on which the lifecycle
	// will fail.
	Processes     []launch.Process
	Procfile      []launch.Process
	ProcfileError error
	// Neighbors are what Earlier has returned.
	Neighbors []Neighbor
	// Installations are what is installed for the sidecars.
	Installations []Installation
	// Rendered is what is made of bound services before sidecars start.
	Rendered []render.Spec
	// Java is what the Java buildpack is expected to tell its memory calculator; nil
	// where it makes no start command.
	Java *javabuildpack.Calculator
	// Warnings are of what is accepted, and most likely not meant. Notes say what is.
	Warnings []string
	Notes    []string
}
