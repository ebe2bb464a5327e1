package supply

import (
	"io/fs"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// sayJavaMemory says how much memory the Java buildpack's memory calculator takes whatever
// the app, where sidecars reserve some of it, and the Java buildpack follows. The process
// has no more than the staging container (PR-13), and may have less. An app with a line
// web: in its Procfile has a start command of its own, which calls no calculator.
func (s *Supplier) sayJavaMemory(app fs.FS, procfile []launch.Process, reserved controller.Reservations) {
	if reserved.Budget().Reserved() <= 0 || slices.ContainsFunc(procfile, func(p launch.Process) bool { return p.Type == launch.WebProcess }) {
		return
	}
	calculator := javabuildpack.Estimate(app, s.Environ)
	if warning := calculator.Warning(reserved, s.Environ); warning != "" && s.StagingMemory > 0 {
		s.Log.Warning("%s", warning)
	} else if minimum := calculator.Minimum(reserved); minimum != "" {
		s.Log.Info("%s", minimum)
	}
}
